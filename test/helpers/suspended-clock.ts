/** The clock of a process that a test suspends: time goes on meanwhile, and what falls due runs when it wakes. */
import type { Clock } from '../../src/clock';

export class SuspendedClock implements Clock {
  readonly #time: Clock;
  #held: (() => void)[] | undefined;

  /** @param time goes on, whatever becomes of the process */
  constructor(time: Clock) {
    this.#time = time;
  }

  get isSuspended(): boolean {
    return this.#held !== undefined;
  }

  now(): number {
    return this.#time.now();
  }

  schedule(task: () => void, delay: number): () => void {
    let isOver = false;
    const run = () => {
      if (isOver) return;
      if (this.#held === undefined) task();
      else this.#held.push(run);
    };
    const cancel = this.#time.schedule(run, delay);
    return () => {
      isOver = true;
      cancel();
    };
  }

  suspend(): void {
    this.#held ??= [];
  }

  wake(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const task of held) task();
  }
}
