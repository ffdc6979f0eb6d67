/** Time that passes only when the simulation says so, and the clocks of processes that live in it. */
import type { Clock } from '../src/clock';

interface Entry {
  readonly at: number;
  readonly order: number;
  task: (() => void) | undefined;
}

/** Runs what is scheduled in the order of time, and what is scheduled for one moment in the order of scheduling. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  /** A binary heap, the earliest first. */
  readonly #heap: Entry[] = [];

  now(): number {
    return this.#now;
  }

  schedule(task: () => void, delay: number): () => void {
    const entry: Entry = { at: this.#now + Math.max(delay, 0), order: this.#order++, task };
    this.#push(entry);
    return () => {
      entry.task = undefined;
    };
  }

  /** Runs the next task; time moves on to it. @returns whether there was one until then */
  step(until: number): boolean {
    for (;;) {
      const entry = this.#heap[0];
      if (entry === undefined || entry.at > until) {
        this.#now = until;
        return false;
      }
      this.#pop();
      const { task } = entry;
      if (task === undefined) continue;
      this.#now = entry.at;
      entry.task = undefined;
      task();
      return true;
    }
  }

  #push(entry: Entry): void {
    let at = this.#heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = entry;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const [left, right] = [this.#heap[child], this.#heap[child + 1]];
      if (left === undefined) break;
      if (right !== undefined && isBefore(right, left)) child++;
      const smallest = this.#heap[child];
      if (smallest === undefined || !isBefore(smallest, last)) break;
      this.#heap[at] = smallest;
      at = child;
    }
    this.#heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at === b.at ? a.order < b.order : a.at < b.at;
}

/** The clock of one process, which may freeze (nothing of it runs until it thaws) and end (nothing ever runs). */
export class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #timers = new Set<() => void>();
  #backlog: (() => void)[] | undefined;
  #ended = false;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  get frozen(): boolean {
    return this.#backlog !== undefined;
  }

  schedule(task: () => void, delay: number): () => void {
    const cancel = () => {
      this.#timers.delete(cancel);
      stop();
    };
    const stop = this.#clock.schedule(() => {
      this.run(() => {
        if (this.#timers.delete(cancel)) task();
      });
    }, delay);
    this.#timers.add(cancel);
    return cancel;
  }

  /** Runs what came to the process: now, when it thaws, or never. */
  run(task: () => void): void {
    if (this.#ended) return;
    if (this.#backlog === undefined) task();
    else this.#backlog.push(task);
  }

  freeze(): void {
    this.#backlog ??= [];
  }

  /** What came meanwhile runs one after the other. */
  thaw(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    for (const task of backlog) this.#clock.schedule(() => this.run(task), 0);
  }

  end(): void {
    this.#ended = true;
    for (const cancel of [...this.#timers]) cancel();
  }
}
