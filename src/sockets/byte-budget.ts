/** A bucket of bytes that fills at a steady rate. */

export interface ByteRate {
  /** Bytes at once. */
  readonly burst: number;
  /** Bytes a second after that. */
  readonly rate: number;
}

/**
 * What a client may send. Clients have nothing to say but pongs, so whoever sends more is a mistake or an
 * attack: text, tiny frames, pings and pongs are all counted alike, by their bytes. A message of the largest size
 * that is taken (4 KiB) may come at once, with its header.
 */
export const FROM_CLIENT: ByteRate = { burst: 4_096 + 14, rate: 256 };

export class ByteBudget {
  readonly #limits: ByteRate;
  #left: number;
  #filledAt: number;

  /** @param now milliseconds */
  constructor(limits: ByteRate, now: number) {
    this.#limits = limits;
    this.#left = limits.burst;
    this.#filledAt = now;
  }

  /** Takes bytes out, and may owe some after that. @returns whether there were as many */
  spend(bytes: number, now: number): boolean {
    this.#left = this.left(now) - bytes;
    this.#filledAt = now;
    return this.#left >= 0;
  }

  /** What is there; less than nothing where bytes are owed. */
  left(now: number): number {
    const { burst, rate } = this.#limits;
    return Math.min(burst, this.#left + ((now - this.#filledAt) * rate) / 1_000);
  }

  /** Milliseconds until there is something again. */
  wait(now: number): number {
    return Math.max(0, (-this.left(now) * 1_000) / this.#limits.rate);
  }
}
