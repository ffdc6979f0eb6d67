/** Counts by address, with IPv6 by /64 and, at sixteen times the number, by /48. Pure. */
import { sharesOf } from './networks';

export class Tally {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most what one address may have */
  constructor(most: number) {
    this.#most = most;
  }

  add(address: string): void {
    for (const { key } of sharesOf(address)) this.#change(key, 1);
  }

  remove(address: string): void {
    for (const { key } of sharesOf(address)) this.#change(key, -1);
  }

  /** Whether this address, or its network, has what it may have and `beyond` more. */
  isFull(address: string, beyond = 0): boolean {
    return this.fullKey(address, beyond) !== undefined;
  }

  /** The first of its keys under which this address has what it may have and `beyond` more. */
  fullKey(address: string, beyond = 0): string | undefined {
    const full = sharesOf(address).find(({ key, times }) => this.#count(key) >= this.#most * times + beyond);
    return full?.key;
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
