/** How many wrong tokens one address may bring, so that guessing faster gains nothing: here the near ones count as well. */
import { type Clock, systemClock } from '../clock';
import { type Share, sharesOf } from '../listening/networks';

/** Wrong tokens from one address within a window. */
const MOST_WRONG = 20;
/** Milliseconds. */
const WINDOW = 1_000;

interface Window {
  readonly endsAt: number;
  wrong: number;
}

/** Synchronous: requests that come at the same moment cannot all be looked at before one of them is counted. */
export class GuessLimit {
  readonly #clock: Pick<Clock, 'now'>;
  /** By address, in the order in which they end: all are equally long. */
  readonly #windows = new Map<string, Window>();

  constructor(clock: Pick<Clock, 'now'> = systemClock) {
    this.#clock = clock;
  }

  /** Addresses that are remembered: those that guessed within the last window, and no more. */
  get size(): number {
    return this.#windows.size;
  }

  /** Whether as many wrong tokens came from this address as may come within a window. */
  isReached(address: string): boolean {
    this.#forget();
    return keysOf(address).some(({ key, times }) => this.#wrong(key) >= MOST_WRONG * times);
  }

  /** One more wrong token came from this address. */
  count(address: string): void {
    this.#forget();
    for (const { key } of keysOf(address)) {
      const window = this.#windows.get(key);
      if (window === undefined) this.#windows.set(key, { endsAt: this.#clock.now() + WINDOW, wrong: 1 });
      else window.wrong++;
    }
  }

  #wrong(key: string): number {
    return this.#windows.get(key)?.wrong ?? 0;
  }

  #forget(): void {
    const now = this.#clock.now();
    for (const [address, { endsAt }] of this.#windows) {
      if (endsAt > now) return;
      this.#windows.delete(address);
    }
  }
}

function keysOf(address: string): readonly Share[] {
  const shares = sharesOf(address);
  return shares.length > 0 ? shares : [{ key: address, times: 1 }];
}
