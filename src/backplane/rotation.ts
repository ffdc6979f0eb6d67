/** Goes through a growing and shrinking collection at an even pace, so that all have their turn once in a period. */
export class Rotation<T> {
  readonly #items: () => Iterator<T>;
  #cursor: Iterator<T> | undefined;
  /** Turns that are due; a fraction, so that few items are not taken more often than due. */
  #due = 0;

  /** @param items a walk over the collection as it is then; it may change meanwhile */
  constructor(items: () => Iterator<T>) {
    this.#items = items;
  }

  /** @param share the part of the period that has passed since the last call */
  next(share: number, size: number): T[] {
    this.#due = Math.min(this.#due + share * size, size);
    const taken: T[] = [];
    for (; this.#due >= 1; this.#due--) {
      const item = this.#step() ?? this.#step();
      if (item === undefined) break;
      taken.push(item);
    }
    return taken;
  }

  /** The next item; undefined at the end, where the walk starts anew. */
  #step(): T | undefined {
    this.#cursor ??= this.#items();
    const { done, value } = this.#cursor.next();
    if (!done) return value;
    this.#cursor = undefined;
    return undefined;
  }
}
