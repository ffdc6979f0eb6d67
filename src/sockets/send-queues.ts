/**
 * What peers have not acknowledged yet. A roster on a slow link waits in the system's buffers, and a ping waits behind
 * it: nothing in the process shows whether the peer takes it. The system's tables of sockets do, on Linux.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** Milliseconds for which a reading serves all who ask: with many sockets the tables are megabytes. */
const FRESH = 500;

/** Columns of a table (proc(5)): `sl local remote st tx:rx timer:when retransmits uid timeout inode …`. */
const QUEUES = 4;
const INODE = 9;

/** The system's tables of sockets, read once for all who ask at about the same time. */
export class SendQueues {
  readonly #clock: Clock;
  #tables: Promise<readonly string[]> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Bytes that were sent on a socket and that its peer has not acknowledged. Undefined where the system does not tell.
   * @param inode of `inodeOf`
   */
  async lengthOf(inode: string): Promise<number | undefined> {
    for (const table of await this.#read()) {
      const length = queueLength(table, inode);
      if (length !== undefined) return length;
    }
    return undefined;
  }

  #read(): Promise<readonly string[]> {
    if (this.#tables === undefined) {
      this.#tables = Promise.all(TABLES.map((table) => readFile(table, 'latin1').catch(() => '')));
      this.#clock.schedule(() => {
        this.#tables = undefined;
      }, FRESH);
    }
    return this.#tables;
  }
}

function queueLength(table: string, inode: string): number | undefined {
  for (let at = table.indexOf(` ${inode} `); at >= 0; at = table.indexOf(` ${inode} `, at + 1)) {
    const start = table.lastIndexOf('\n', at) + 1;
    const columns = table.slice(start, at).trim().split(/\s+/);
    if (columns.length === INODE) return Number.parseInt(columns[QUEUES] ?? '', 16);
  }
  return undefined;
}
