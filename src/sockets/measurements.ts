/** Finds out whether a client acknowledges what it was sent, while nothing comes from it. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import { bytesWaiting, inodeOf } from './corners';
import type { SendQueues } from './send-queues';

interface Measurement {
  /** When it began, by `Clock.now()`. */
  readonly at: number;
  /** Bytes that the client may have acknowledged, up to its ping. */
  readonly most: number;
}

/** Those of one socket. What it was sent while the system is asked may be in the answer or not: each is two bounds. */
export class Measurements {
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #sendQueues: SendQueues;
  /** Its socket's name in the system's tables, once it was asked for. */
  #inode: string | undefined;
  /** The last one since its ping. */
  #last: Measurement | undefined;

  constructor(stream: Duplex, clock: Clock, sendQueues: SendQueues) {
    this.#stream = stream;
    this.#clock = clock;
    this.#sendQueues = sendQueues;
  }

  /** What it takes from now on is compared with nothing before. */
  restart(): void {
    this.#last = undefined;
  }

  /**
   * @param pingEnd where its ping stands in what it was sent, by now. What it takes after that does not hold up its
   *   answer.
   * @returns the time of the measurement before this one, where the client has acknowledged something since then
   */
  async next(pingEnd: () => number): Promise<number | undefined> {
    const at = this.#clock.now();
    const sent = sentOn(this.#stream);
    this.#inode ??= inodeOf(this.#stream);
    if (this.#inode === undefined) return undefined;
    const queued = await this.#sendQueues.lengthOf(this.#inode);
    if (queued === undefined) return undefined;
    const last = this.#last;
    this.#last = { at, most: Math.min(sentOn(this.#stream) - queued, pingEnd()) };
    return last !== undefined && Math.min(sent - queued, pingEnd()) > last.most ? last.at : undefined;
  }
}

/** Bytes that were written, those that still wait included. */
export function writtenOn(stream: Duplex): number {
  return (stream as { readonly bytesWritten?: number }).bytesWritten ?? 0;
}

/** Bytes that have left the process. */
function sentOn(stream: Duplex): number {
  return writtenOn(stream) - bytesWaiting(stream);
}
