/** Timers by name: one that is set again starts over. */

/** Milliseconds; longer timers fire at once. */
const LONGEST = 2 ** 31 - 1;

export class Timers<Name extends string> {
  readonly #running = new Map<Name, ReturnType<typeof setTimeout>>();

  set(name: Name, delay: number, then: () => void): void {
    this.end(name);
    const timer = setTimeout(
      () => {
        this.end(name);
        then();
      },
      Math.min(delay, LONGEST),
    );
    this.#running.set(name, timer);
  }

  has(name: Name): boolean {
    return this.#running.has(name);
  }

  end(name: Name): void {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  endAll(): void {
    for (const name of this.#running.keys()) this.end(name);
  }
}
