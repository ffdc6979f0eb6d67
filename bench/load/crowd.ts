/** The participants of one round: who joins, and what went wrong with any of them. */
import type { Dialect } from './dialect';
import { Participant } from './participant';

/** Loopback addresses that take turns, so that a long round does not run out of ports. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;
/** Digits of a stream name, so that all have the same length. */
const DIGITS = 6;

export class Crowd {
  /** Rejects at the first thing that should not happen. */
  readonly trouble: Promise<never>;
  readonly #ports: readonly number[];
  readonly #dialect: Dialect;
  readonly #participants = new Set<Participant>();
  #onTrouble: (error: Error) => void = () => {};
  #count = 0;

  /** @param ports of the nodes, which get their participants in turn */
  constructor(ports: readonly number[], dialect: Dialect) {
    this.#ports = ports;
    this.#dialect = dialect;
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
    const port = this.#ports[this.#count % this.#ports.length];
    if (port === undefined) throw new Error('there is no node to join');
    const participant = new Participant(
      {
        address: ADDRESSES[this.#count % ADDRESSES.length] ?? ADDRESSES[0],
        port,
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

  /** Drops everybody who is still there. */
  async disperse(): Promise<void> {
    const left = [...this.#participants];
    for (const participant of left) participant.drop();
    await Promise.all(left.map(({ gone }) => gone));
  }
}
