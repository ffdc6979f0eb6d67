/** A queue between something that happens and a test that waits for it, in order. */
export class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: { take: (item: T) => void; fail: (error: Error) => void }[] = [];
  #ended: Error | undefined;

  push(item: T): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting.take(item);
    else this.#items.push(item);
  }

  /** Nothing more will come: whoever waits is told why. */
  end(reason: string): void {
    this.#ended = new Error(reason);
    for (const { fail } of this.#waiting.splice(0)) fail(this.#ended);
  }

  next(): Promise<T> {
    const [item] = this.#items.splice(0, 1);
    if (item !== undefined) return Promise.resolve(item);
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((take, fail) => this.#waiting.push({ take, fail }));
  }

  /** What has come and was not taken. */
  rest(): T[] {
    return this.#items.splice(0);
  }
}
