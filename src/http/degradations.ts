/** Which parts do not work as they should, from what events say of them. */
import type { Events } from '../conference/events';
import type { Degradation } from './shapes';

export class Degradations {
  readonly #known = new Map<string, Degradation>();

  constructor(events: Events) {
    events.on('authority', ({ name, problem }) => this.#note(name, problem));
    events.on('certificate', ({ problem }) => this.#note('certificate', problem));
  }

  list(): Degradation[] {
    return [...this.#known.values()];
  }

  /** @param problem undefined where the part works again */
  #note(part: string, problem: string | undefined): void {
    const since = this.#known.get(part)?.since ?? Date.now();
    if (problem === undefined) this.#known.delete(part);
    else this.#known.set(part, { part, since, reason: problem });
  }
}
