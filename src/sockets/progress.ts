/** Whether a peer reads what waits for it. One that reads nothing is dropped: its link is gone, or it reads no more. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import { bytesWaiting, isHeldBySystem } from './corners';

/** Milliseconds without progress after which a peer is dropped. */
const TIMEOUT = 10_000;
/** Milliseconds between two looks. */
const LOOK_INTERVAL = 1_000;
/** Bytes that may wait for as long as they like; the heartbeat finds the dead among those peers. */
const HARMLESS = 64 * 1024;

export interface ProgressListener {
  /**
   * The peer has taken some of what waited at the look before.
   * @param since when that was; by `Clock.now()`
   */
  onTaken(since: number): void;
  /** More than 64 KiB have waited for 10 s, and the peer has taken nothing of it. */
  onStall(): void;
}

/** Watches a socket from a write that did not leave at once until nothing waits any more. */
export class Progress {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #listener: ProgressListener;
  #waiting: number;
  /** Whether the peer was what it waited for at the last look. What waits for its turn says nothing about the peer. */
  #waitsForPeer: boolean;
  #lookedAt: number;
  #looks = 0;
  #looksInVain = 0;
  #cancel: () => void;

  constructor(socket: Duplex, clock: Clock, listener: ProgressListener) {
    this.#socket = socket;
    this.#clock = clock;
    this.#listener = listener;
    this.#waiting = bytesWaiting(socket);
    this.#waitsForPeer = isHeldBySystem(socket);
    this.#lookedAt = clock.now();
    this.#cancel = this.#lookLater();
  }

  /** All that waited was taken. What left before the first look may just have fitted into the system's buffers. */
  finish(): void {
    this.#cancel();
    if (this.#looks > 0 && this.#waitsForPeer) this.#listener.onTaken(this.#clock.now());
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
    const since = this.#lookedAt;
    const waitedForPeer = this.#waitsForPeer;
    this.#waiting = bytesWaiting(this.#socket);
    this.#waitsForPeer = isHeldBySystem(this.#socket);
    this.#lookedAt = this.#clock.now();
    this.#looks++;
    const hasTaken = this.#waiting < before && waitedForPeer;
    const isStuck = !hasTaken && this.#waitsForPeer && this.#socket.writableLength > HARMLESS;
    this.#looksInVain = isStuck ? this.#looksInVain + 1 : 0;
    if (hasTaken && this.#looks > 1) this.#listener.onTaken(since);
    if (this.#looksInVain * LOOK_INTERVAL >= TIMEOUT) this.#listener.onStall();
    else this.#cancel = this.#lookLater();
  }
}
