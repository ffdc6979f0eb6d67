/** Tracks which parts of the host are degraded. */
import type { EventEmitter } from 'node:events';
import type { BackplaneStatus } from '../conference/backplane-status';
import type { MediaEvents } from '../conference/media-status';
import type { Events } from '../events';
import type { Degradation, Health } from './shapes';

export class Degradations {
  readonly #known = new Map<string, Degradation>();

  constructor(events: Events, mediaEvents: EventEmitter<MediaEvents>) {
    events.on('authority', ({ name, problem }) => this.#note(name, problem));
    events.on('certificate', ({ problem }) => this.#note('certificate', problem));
    mediaEvents.on('server', (problem) => this.#note('media server', problem));
  }

  /** The host's health, including its link to other nodes. */
  health({ state, since, why, nodes }: BackplaneStatus): Health {
    const degradations = [...this.#known.values()];
    if (state === 'connecting' || state === 'degraded') {
      degradations.push({ part: 'backplane', since, reason: why ?? 'not connected yet' });
    }
    const status = degradations.length === 0 ? 'ok' : 'degraded';
    return { status, degradations, backplane: { state, since, nodes } };
  }

  /** @param problem undefined once the part works again */
  #note(part: string, problem: string | undefined): void {
    const since = this.#known.get(part)?.since ?? Date.now();
    if (problem === undefined) this.#known.delete(part);
    else this.#known.set(part, { part, since, reason: problem });
  }
}
