/** So many a second, for each of several. */

/** Milliseconds. */
const WINDOW = 1_000;

interface Window {
  readonly endsAt: number;
  count: number;
}

export class Rate {
  readonly #most: number;
  /** In the order in which they end. */
  readonly #windows = new Map<string, Window>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns whether this is not too many */
  take(key: string): boolean {
    const now = performance.now();
    for (const [other, { endsAt }] of this.#windows) {
      if (endsAt > now) break;
      this.#windows.delete(other);
    }
    const window = this.#windows.get(key) ?? { endsAt: now + WINDOW, count: 0 };
    this.#windows.set(key, window);
    return window.count++ < this.#most;
  }
}
