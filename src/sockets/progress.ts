/** Whether a peer takes what waits for it. One that takes nothing is dropped: its link is gone, or it reads no more. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import { bytesWaiting } from './corners';

/** Milliseconds without progress after which a peer is dropped. */
const TIMEOUT = 10_000;
/** Milliseconds between two looks. */
const LOOK_INTERVAL = 1_000;
/** Bytes that may wait for as long as they like; the heartbeat finds the dead among those peers. */
const HARMLESS = 64 * 1024;

export interface ProgressListener {
  /** The peer has taken some of what waited at the look before. */
  onTaken(): void;
  /** More than 64 KiB have waited for 10 s, and the peer has taken nothing of it. */
  onStall(): void;
}

/** Watches a socket from a write that did not leave at once until nothing waits any more. */
export class Progress {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #listener: ProgressListener;
  #waiting: number;
  #looks = 0;
  #looksInVain = 0;
  #cancel: () => void;

  constructor(socket: Duplex, clock: Clock, listener: ProgressListener) {
    this.#socket = socket;
    this.#clock = clock;
    this.#listener = listener;
    this.#waiting = bytesWaiting(socket);
    this.#cancel = this.#lookLater();
  }

  /** All that waited was taken. What left before the first look may just have fitted into the system's buffers. */
  finish(): void {
    this.#cancel();
    if (this.#looks > 0) this.#listener.onTaken();
  }

  /** Nobody cares any more. */
  stop(): void {
    this.#cancel();
  }

  #lookLater(): () => void {
    return this.#clock.schedule(() => this.#timerOnLook(), LOOK_INTERVAL);
  }

  /** Looks are counted, not time: a process that has slept has had no chance to see its peers take anything. */
  #timerOnLook(): void {
    const before = this.#waiting;
    this.#waiting = bytesWaiting(this.#socket);
    this.#looks++;
    const hasTaken = this.#waiting < before;
    const isStuck = !hasTaken && this.#socket.writableLength > HARMLESS;
    this.#looksInVain = isStuck ? this.#looksInVain + 1 : 0;
    if (hasTaken && this.#looks > 1) this.#listener.onTaken();
    if (this.#looksInVain * LOOK_INTERVAL >= TIMEOUT) this.#listener.onStall();
    else this.#cancel = this.#lookLater();
  }
}
