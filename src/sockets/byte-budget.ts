/**
 * What a client may send. Clients have nothing to say but pongs, so whoever sends more is a mistake or an
 * attack: text, tiny frames, pings and pongs are all counted alike, by their bytes.
 */

/** Bytes at once: a message of the largest size that is taken (4 KiB), with its header. */
const BURST = 4_096 + 14;
/** Bytes a second after that. */
const RATE = 256;

/** A bucket of bytes that fills at a steady rate. */
export class ByteBudget {
  #left = BURST;
  #filledAt: number;

  /** @param now milliseconds */
  constructor(now: number) {
    this.#filledAt = now;
  }

  /** Takes bytes out. @returns whether there were as many */
  spend(bytes: number, now: number): boolean {
    this.#left = Math.min(BURST, this.#left + ((now - this.#filledAt) * RATE) / 1_000) - bytes;
    this.#filledAt = now;
    return this.#left >= 0;
  }
}
