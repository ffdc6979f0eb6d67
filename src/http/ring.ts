/** Keeps the newest so many of what is added. */
export class Ring<T> {
  readonly #most: number;
  readonly #items: T[] = [];
  /** Where the oldest one is, once it is full. */
  #start = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(item: T): void {
    if (this.#items.length < this.#most) {
      this.#items.push(item);
      return;
    }
    this.#items[this.#start] = item;
    this.#start = (this.#start + 1) % this.#most;
  }

  /** The newest first. */
  *newest(most = Infinity): Generator<T> {
    const { length } = this.#items;
    for (let n = 1; n <= Math.min(length, most); n++) {
      const item = this.#items[(this.#start + length - n) % length];
      if (item !== undefined) yield item;
    }
  }
}
