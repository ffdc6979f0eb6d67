/** How often something may come from one address within a second. */
import { type Clock, systemClock } from '../clock';
import { countedAs } from './networks';

/** Milliseconds. */
const WINDOW = 1_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

/** Synchronous: requests that come at the same moment cannot all be looked at before one of them is counted. */
export class WindowLimit {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'now'>;
  /** By address, in the order in which they end: all are equally long. */
  readonly #windows = new Map<string, Window>();

  /** @param most how often, from one address */
  constructor(most: number, clock: Pick<Clock, 'now'> = systemClock) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Addresses that are remembered: those of the last window, and no more. */
  get size(): number {
    return this.#windows.size;
  }

  /** Whether as many came from this address as may come within a window. */
  isReached(address: string): boolean {
    this.#forget();
    return countedAs(address).some(({ key, times }) => this.#count(key) >= this.#most * times);
  }

  /** One more came from this address. */
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
