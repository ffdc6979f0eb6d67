/** Tasks that are due at about the same time, woken by one timer: each wakes the process, and that costs more than many tasks. */
import type { Clock } from '../clock';

interface Slot<T> {
  readonly tasks: Set<T>;
  cancel: () => void;
}

export class Slots<T> {
  readonly #clock: Clock;
  readonly #step: number;
  readonly #due: (tasks: Iterable<T>) => void;
  readonly #slots = new Map<number, Slot<T>>();

  /** @param step milliseconds that a task waits for others at most */
  constructor(clock: Clock, step: number, due: (tasks: Iterable<T>) => void) {
    this.#clock = clock;
    this.#step = Math.max(1, step);
    this.#due = due;
  }

  /** @returns a function that takes the task out again */
  add(task: T, dueAt: number): () => void {
    const at = Math.ceil(dueAt / this.#step) * this.#step;
    const slot = this.#slots.get(at) ?? this.#open(at);
    slot.tasks.add(task);
    return () => {
      if (!slot.tasks.delete(task) || slot.tasks.size > 0) return;
      slot.cancel();
      this.#slots.delete(at);
    };
  }

  #open(at: number): Slot<T> {
    const slot: Slot<T> = { tasks: new Set(), cancel: () => {} };
    slot.cancel = this.#clock.schedule(
      () => {
        this.#slots.delete(at);
        const due = [...slot.tasks];
        slot.tasks.clear();
        this.#due(due);
      },
      Math.max(0, at - this.#clock.now()),
    );
    this.#slots.set(at, slot);
    return slot;
  }
}
