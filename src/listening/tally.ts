/** Counts by address: IPv6 by /64 and, with sixteen times the limit, by /48. Pure. */
import { isSite, sharesOf } from './networks';

export class Tally {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most the limit of one address */
  constructor(most: number) {
    this.#most = most;
  }

  add(address: string): void {
    for (const { key } of sharesOf(address)) this.#change(key, 1);
  }

  remove(address: string): void {
    for (const { key } of sharesOf(address)) this.#change(key, -1);
  }

  /** Whether this address, or its network, has reached its limit plus `beyond`. */
  isFull(address: string, beyond = 0): boolean {
    return this.fullKey(address, beyond) !== undefined;
  }

  /** The first of its keys that has reached its limit plus `beyond`. */
  fullKey(address: string, beyond = 0): string | undefined {
    const full = sharesOf(address).find(({ key, times }) => this.#count(key) >= this.#most * times + beyond);
    return full?.key;
  }

  /** The largest count of one address, networks of a site left out; a walk over all. */
  largest(): number {
    let largest = 0;
    for (const [key, count] of this.#counts) if (!isSite(key)) largest = Math.max(largest, count);
    return largest;
  }

  #count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  #change(key: string, change: 1 | -1): void {
    const count = this.#count(key) + change;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}
