/** The participants of one round: who joins, and what went wrong with any of them. */
import type { Dialect } from './dialect';
import { Participant } from './participant';

/** Loopback addresses that take turns, so that a long round does not run out of ports. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;
/** Digits of a stream name, so that all have the same length. */
const DIGITS = 6;
/** Padding that makes a name as long as names may be: 256 bytes. */
export const LONGEST_PADDING = 256 - DIGITS - 1;

export interface CrowdOptions {
  /** Joins over TLS. */
  readonly secure?: boolean;
  /** Each room has a node of its own; else the nodes get their participants in turn. */
  readonly routed?: boolean;
  /** How many names others have taken, so that crowds in several processes share none. */
  readonly taken?: number;
}

export class Crowd {
  /** Rejects at the first thing that should not happen. */
  readonly trouble: Promise<never>;
  readonly #ports: readonly number[];
  readonly #dialect: Dialect;
  readonly #participants = new Set<Participant>();
  #onTrouble: (error: Error) => void = () => {};
  readonly #secure: boolean;
  readonly #routed: boolean;
  readonly #rooms = new Map<string, number>();
  #count: number;

  /** @param ports of the nodes */
  constructor(
    ports: readonly number[],
    dialect: Dialect,
    { secure = false, routed = false, taken = 0 }: CrowdOptions = {},
  ) {
    this.#ports = ports;
    this.#dialect = dialect;
    this.#secure = secure;
    this.#routed = routed;
    this.#count = taken;
    this.trouble = new Promise((_resolve, reject) => {
      this.#onTrouble = reject;
    });
    this.trouble.catch(() => {});
  }

  /**
   * Begins to join a room, under a stream name that nobody else has.
   * @param namePadding makes the name so many characters longer
   */
  join(room: string, namePadding = 0, wholeRosters?: (json: string) => void): Participant {
    this.#count++;
    const turn = this.#routed ? this.#numberOf(room) : this.#count;
    const port = this.#ports[turn % this.#ports.length];
    if (port === undefined) throw new Error('there is no node to join');
    const participant = new Participant(
      {
        address: ADDRESSES[this.#count % ADDRESSES.length] ?? ADDRESSES[0],
        port,
        secure: this.#secure,
        dialect: this.#dialect,
        room,
        streamName: `p${'x'.repeat(namePadding)}${String(this.#count).padStart(DIGITS, '0')}`,
        onTrouble: this.#onTrouble,
      },
      wholeRosters,
    );
    this.#participants.add(participant);
    participant.gone.then(() => this.#participants.delete(participant));
    return participant;
  }

  /** Rooms are numbered in the order in which they are first joined. */
  #numberOf(room: string): number {
    const number = this.#rooms.get(room) ?? this.#rooms.size;
    this.#rooms.set(room, number);
    return number;
  }

  /** How many are there, or on their way in or out. */
  get size(): number {
    return this.#participants.size;
  }

  /** Drops everybody who is still there. */
  async disperse(): Promise<void> {
    const left = [...this.#participants];
    for (const participant of left) participant.drop();
    await Promise.all(left.map(({ gone }) => gone));
  }
}
