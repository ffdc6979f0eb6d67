/** The first of many in an order. For the first pages this is much cheaper than sorting all. */
export class FirstInOrder<T> {
  readonly #most: number;
  readonly #compare: (a: T, b: T) => number;
  #kept: T[] = [];
  /** The last one kept, once there are enough. */
  #bar: T | undefined;

  constructor(most: number, compare: (a: T, b: T) => number) {
    this.#most = most;
    this.#compare = compare;
  }

  add(item: T): void {
    if (this.#bar !== undefined && this.#compare(item, this.#bar) >= 0) return;
    if (this.#kept.push(item) < 2 * this.#most) return;
    this.#kept = this.values();
    this.#bar = this.#kept.at(-1);
  }

  values(): T[] {
    return this.#kept.sort(this.#compare).slice(0, this.#most);
  }
}
