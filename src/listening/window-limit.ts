/** A limit per second and address. */
import { type Clock, systemClock } from '../clock';
import { countedAs } from './networks';

/** Milliseconds. */
const WINDOW = 1_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Synchronous, so that simultaneous requests cannot all pass before one is counted. */
export class WindowLimit {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'now'>;
  /** By address, in the order in which they end, since all have the same length. */
  readonly #windows = new Map<string, Window>();

  /** @param most the limit of one address */
  constructor(most: number, clock: Pick<Clock, 'now'> = systemClock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** How many addresses are remembered: only those of the last window. */
  get size(): number {
    return this.#windows.size;
  }

  /** Whether this address has reached its limit. */
  isReached(address: string): boolean {
    this.#forget();
    return countedAs(address).some(({ key, times }) => this.#count(key) >= this.#most * times);
  }

  count(address: string): void {
    this.#forget();
    for (const { key } of countedAs(address)) {
      const window = this.#windows.get(key);
      if (window === undefined) this.#windows.set(key, { endsAt: this.#clock.now() + WINDOW, count: 1 });
      else window.count++;
    }
  }

  #count(key: string): number {
    return this.#windows.get(key)?.count ?? 0;
  }

  #forget(): void {
    const now = this.#clock.now();
    for (const [address, { endsAt }] of this.#windows) {
      if (endsAt > now) return;
      this.#windows.delete(address);
    }
  }
}
