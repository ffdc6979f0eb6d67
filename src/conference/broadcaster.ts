/**
 * When a changed room's roster goes out. Telling a room of n costs n writes, so a storm of n joins, each told
 * to all, costs n². Here telling a room may take about a third of the time at most: after a broadcast that
 * took d, the room's next one waits for 2·d. Changes meanwhile share a roster, and the last is always told.
 */
import type { Clock } from '../clock';

/** After a broadcast that took d, the room's next one waits for this many times d. */
export const PACE = 2;
/** Milliseconds: nobody waits longer than this for a roster, whatever the last one cost. */
export const MAX_WAIT = 250;
/** Milliseconds: after a broadcast cheaper than this, the next one does not wait. */
export const FREE_COST = 1;

interface Pace {
  /** When the room may be told again; by `Clock.now()`. */
  readyAt: number;
  telling: boolean;
  /** The room has changed since its roster was last taken. */
  changed: boolean;
  cancel: (() => void) | undefined;
}

export class Broadcaster<R> {
  readonly #clock: Clock;
  readonly #tell: (room: R) => void;
  /** The rooms that are being told, that wait, or whose last roster was dear; a small room holds nothing here. */
  readonly #paces = new Map<R, Pace>();
  #closed = false;

  /** @param tell sends the room's present roster to all its members; its duration sets the pace */
  constructor(clock: Clock, tell: (room: R) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /**
   * The room has changed: tells it now where it has been quiet, else as soon as its pace allows.
   * @returns whether this change shares the roster of one that already waits
   */
  changed(room: R): boolean {
    if (this.#closed) return false;
    const pace = this.#paces.get(room) ?? this.#start(room);
    const shared = pace.changed;
    pace.changed = true;
    if (!pace.telling && pace.cancel === undefined) this.#tellOrWait(room, pace);
    return shared;
  }

  /** The room is empty: nobody is left to tell. */
  forget(room: R): void {
    this.#paces.get(room)?.cancel?.();
    this.#paces.delete(room);
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#closed = true;
    for (const room of this.#paces.keys()) this.forget(room);
  }

  #start(room: R): Pace {
    const pace: Pace = { readyAt: -Infinity, telling: false, changed: false, cancel: undefined };
    this.#paces.set(room, pace);
    return pace;
  }

  /** A change that comes while the room is being told (a peer may drop then) is told right after. */
  #tellOrWait(room: R, pace: Pace): void {
    while (pace.changed && this.#paces.get(room) === pace) {
      const wait = pace.readyAt - this.#clock.now();
      if (wait > 0) {
        pace.cancel = this.#clock.schedule(() => {
          pace.cancel = undefined;
          this.#tellOrWait(room, pace);
        }, wait);
        return;
      }
      this.#tellNow(room, pace);
    }
    if (pace.readyAt === -Infinity) this.#paces.delete(room);
  }

  #tellNow(room: R, pace: Pace): void {
    const startedAt = this.#clock.now();
    pace.changed = false;
    pace.telling = true;
    try {
      this.#tell(room);
    } finally {
      pace.telling = false;
    }
    const cost = this.#clock.now() - startedAt;
    pace.readyAt = cost < FREE_COST ? -Infinity : this.#clock.now() + Math.min(PACE * cost, MAX_WAIT);
  }
}
