/** The stages of a connection, and the books of who is in which. Pure. */
import type { Duplex } from 'node:stream';

/**
 * `waiting`: no complete request is open: it is silent, in its TLS handshake, or in or between requests. `answering`:
 * a request, or a WebSocket handshake, is being answered. `leaving`: it got its last response.
 */
export type Stage = 'waiting' | 'answering' | 'leaving' | 'member' | 'gone';

/** Allowed transitions. */
const NEXT: Readonly<Record<Stage, readonly Stage[]>> = {
  waiting: ['answering', 'gone'],
  answering: ['waiting', 'leaving', 'member', 'gone'],
  leaving: ['gone'],
  member: ['gone'],
  gone: [],
};

/** A connection in the books. */
export class Tracked {
  readonly address: string;
  /** Whether it counts towards its address's limit. */
  readonly counted: boolean;
  readonly openedAt: number;
  stage: Stage = 'waiting';
  /** When it entered its stage. */
  since: number;
  requests = 0;
  /** Bytes received up to its last request. */
  bytesRead = -1;
  /** The TLS socket, once there is one. */
  socket: Duplex;

  constructor(socket: Duplex, address: string, counted: boolean, now: number) {
    this.socket = socket;
    this.address = address;
    this.counted = counted;
    this.openedAt = now;
    this.since = now;
  }
}

export class Stages {
  /** In the order in which they entered their stage. */
  readonly strangers = {
    leaving: new Set<Tracked>(),
    waiting: new Set<Tracked>(),
    answering: new Set<Tracked>(),
  };
  #members = 0;

  get memberCount(): number {
    return this.#members;
  }

  get strangerCount(): number {
    const { leaving, waiting, answering } = this.strangers;
    return leaving.size + waiting.size + answering.size;
  }

  /** A new connection. */
  add(connection: Tracked): void {
    this.strangers.waiting.add(connection);
  }

  /** @returns whether this may follow its present stage; where it may not, nothing changes */
  enter(connection: Tracked, stage: Stage, now: number): boolean {
    if (!NEXT[connection.stage].includes(stage)) return false;
    if (connection.stage === 'member') this.#members--;
    else this.#strangersOf(connection.stage)?.delete(connection);
    connection.stage = stage;
    if (stage === 'member') this.#members++;
    else if (stage !== 'gone') {
      connection.since = now;
      this.strangers[stage].add(connection);
    }
    return true;
  }

  /**
   * First a leaving one, then one of the larger stage: a crowd that waits for responses must not push out those in
   * their handshakes, nor the other way round.
   */
  inTheWay(newcomer: Tracked): Tracked | undefined {
    const { leaving, waiting, answering } = this.strangers;
    const [many, few] = waiting.size > answering.size ? [waiting, answering] : [answering, waiting];
    return firstBut(newcomer, leaving) ?? firstBut(newcomer, many) ?? firstBut(newcomer, few);
  }

  #strangersOf(stage: Stage): Set<Tracked> | undefined {
    return stage === 'member' || stage === 'gone' ? undefined : this.strangers[stage];
  }
}

export function firstBut(
  newcomer: Tracked,
  connections: Iterable<Tracked>,
  fits: (connection: Tracked) => boolean = () => true,
): Tracked | undefined {
  for (const connection of connections) if (connection !== newcomer && fits(connection)) return connection;
  return undefined;
}
