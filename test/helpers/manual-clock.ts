/** A clock that a test moves by hand. */
import type { Clock } from '../../src/clock';

/** Tasks at one time; more of them schedule each other for ever. */
const MOST_AT_ONCE = 100_000;

export class ManualClock implements Clock {
  #now = 0;
  readonly #tasks = new Set<{ readonly at: number; readonly task: () => void }>();

  now(): number {
    return this.#now;
  }

  schedule(task: () => void, delay: number): () => void {
    const entry = { at: this.#now + delay, task };
    this.#tasks.add(entry);
    return () => this.#tasks.delete(entry);
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#tasks.size;
  }

  /** Time passes without anything running, as while the process is busy. */
  spend(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** The process is suspended: when it wakes, its timers run before it reads what came meanwhile. */
  sleep(milliseconds: number): void {
    this.#now += milliseconds;
    const [first] = [...this.#tasks].sort((a, b) => a.at - b.at);
    if (first !== undefined && this.#tasks.delete(first)) first.task();
  }

  /** Time passes, and the tasks that fall due run at their time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let atOnce = 0; ; atOnce++) {
      const [next] = [...this.#tasks].sort((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      if (next.at > this.#now) atOnce = 0;
      if (atOnce > MOST_AT_ONCE) throw new Error('the tasks of this clock never end');
      this.#now = Math.max(this.#now, next.at);
      this.#tasks.delete(next);
      next.task();
    }
    this.#now = Math.max(this.#now, end);
  }
}
