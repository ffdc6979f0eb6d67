/**
 * What peers have not acknowledged yet. A roster on a slow link waits in the system's buffers, and a ping waits behind
 * it: nothing in the process shows whether the peer takes it. The system's tables of sockets do, on Linux.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** Milliseconds between two readings: with many sockets the tables are megabytes. */
const INTERVAL = 500;

/**
 * A row of a table (proc(5)): `sl: local remote state tx:rx timer:when retransmits uid timeout inode …`. The queues are in
 * hex.
 */
const ROW = /^ *\d+: \S+ \S+ \S+ ([0-9A-F]+):\S+ \S+ \S+ +\d+ +\d+ (\d+) /gm;

/** Bytes by inode. */
type Lengths = ReadonlyMap<string, number>;

/** The system's tables of sockets, read once for all who ask at about the same time. */
export class SendQueues {
  readonly #clock: Clock;
  /** The reading that is about to begin. */
  #next: Promise<Lengths> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Bytes that were sent on a socket and that its peer has not acknowledged, as of a time after the question: an answer
   * from before it would take for acknowledged what was sent meanwhile. Undefined where the system does not tell.
   * @param inode of `inodeOf`
   */
  async lengthOf(inode: string): Promise<number | undefined> {
    this.#next ??= this.#read();
    return (await this.#next).get(inode);
  }

  /** Begins in this turn of the loop at the earliest, after all of its questions. */
  async #read(): Promise<Lengths> {
    const wait = this.#readAt + INTERVAL - this.#clock.now();
    await (wait > 0 ? this.#pass(wait) : undefined);
    this.#next = undefined;
    this.#readAt = this.#clock.now();
    return readLengths();
  }

  #pass(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.#clock.schedule(resolve, milliseconds));
  }
}

async function readLengths(): Promise<Lengths> {
  const tables = await Promise.all(TABLES.map((table) => readFile(table, 'latin1').catch(() => '')));
  const lengths = new Map<string, number>();
  for (const table of tables) {
    for (const [, length = '', inode = ''] of table.matchAll(ROW)) {
      lengths.set(inode, Number.parseInt(length, 16));
    }
  }
  return lengths;
}
