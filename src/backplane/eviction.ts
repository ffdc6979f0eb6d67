/** Whether Redis may drop keys when its memory is full: then rosters lose people, and nobody is told. */
import type { Connection } from './connection';
import { type Problem, toError } from './problems';
import type { State } from './state';

/** Heartbeats between two looks at what Redis does when its memory is full. */
const POLICY_BEATS = 15;

/** Looks now and then, and tells the state. */
export class EvictionWatch {
  readonly #state: State;
  #beats = 0;

  constructor(state: State) {
    this.#state = state;
  }

  async look(connection: Connection): Promise<void> {
    this.#state.concern('eviction', evictionProblem(await connection.evictionPolicy()));
  }

  onBeat(connection: Connection): void {
    this.#beats++;
    if (this.#beats % POLICY_BEATS === 0)
      this.look(connection).catch((error) => connection.destroy(toError(error)));
  }
}

/** @param policy what Redis says; undefined where it does not */
export function evictionProblem(policy: string | undefined): Problem | undefined {
  if (policy === undefined || policy === 'noeviction') return undefined;
  return {
    why: `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): streams may vanish unnoticed`,
    remedy: 'set maxmemory-policy noeviction, and give Redis memory enough',
  };
}
