/** How many bytes came when. */

/** Milliseconds that one figure of a trace stands for. */
export const TICK = 100;
const TICKS_A_SECOND = 1_000 / TICK;

/** Bytes in each tick since the meter was made. */
export type Trace = readonly number[];

export class Meter {
  readonly #startedAt = performance.now();
  readonly #ticks: number[] = [];

  /** @returns true, which says to go on to those who ask */
  add(bytes: number): true {
    const tick = this.#now();
    this.#ticks[tick] = (this.#ticks[tick] ?? 0) + bytes;
    return true;
  }

  /** Up to the last tick that is over. */
  get trace(): Trace {
    return Array.from({ length: this.#now() }, (_, tick) => this.#ticks[tick] ?? 0);
  }

  #now(): number {
    return Math.floor((performance.now() - this.#startedAt) / TICK);
  }
}

export function total(trace: Trace): number {
  return trace.reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes a second. */
export function mean(trace: Trace): number {
  return (total(trace) / Math.max(trace.length, 1)) * TICKS_A_SECOND;
}

/** Bytes in the second in which most came. */
export function peak(trace: Trace): number {
  return Math.max(0, ...trace.map((_, tick) => total(trace.slice(tick, tick + TICKS_A_SECOND))));
}

/** Bytes that a bucket must hold at once, so that this trace never has to wait where it is refilled at this rate a second. */
export function burst(trace: Trace, rate: number): number {
  let [owed, most] = [0, 0];
  for (const bytes of trace) {
    owed = Math.max(owed + bytes - rate / TICKS_A_SECOND, 0);
    most = Math.max(most, owed);
  }
  return most;
}
