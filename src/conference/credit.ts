/** The time that large rooms get for telling, all of them together. Pure. */

/** The part of the time that they get. */
export const SHARE = 1 / 3;
/** Milliseconds of telling that a quiet node has saved up: a quiet room of a thousand or two is told without a pause. */
export const CREDIT = 25;

export class Credit {
  /** Milliseconds of telling that may be taken at once, as of `#at`; what is less than nothing is owed. */
  #saved = CREDIT;
  #at = 0;

  /** Whether something may be told. @param now in milliseconds */
  isGood(now: number): boolean {
    return this.#savedAt(now) >= 0;
  }

  /** @param duration milliseconds that were spent on telling, up to now */
  spend(duration: number, now: number): void {
    this.#saved = this.#savedAt(now) - duration;
    this.#at = now;
  }

  /** Milliseconds until something may be told again. */
  wait(now: number): number {
    return Math.ceil(Math.max(0, -this.#savedAt(now) / SHARE));
  }

  #savedAt(now: number): number {
    return Math.min(CREDIT, this.#saved + (now - this.#at) * SHARE);
  }
}
