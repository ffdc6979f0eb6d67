/** Until when what is promised may take longer, and for whom: what was broken needs its time to be whole again. */

export type Scope = 'all' | `node ${string}` | `room ${string}`;

/** `changes`: joins are seen late. `ghosts`: leaves are. `presence`: who was listed may be unlisted. */
export type Matter = 'changes' | 'ghosts' | 'presence';

/** Milliseconds that the way back to the truth takes: from a message that was lost. */
export const LOST_MESSAGE = 35_000;
/** From a list in Redis that was lost or overwritten, and that its own node has not heard of. */
export const EVICTED = 80_000;
/** After several faults: data that Redis has lost is missed only when all had the time to restore theirs. */
export const RECOVERY_OF_MANY = 105_000;

export class Excuses {
  readonly #until: Readonly<Record<Matter, Map<Scope, number>>> = {
    changes: new Map(),
    ghosts: new Map(),
    presence: new Map(),
  };

  excuse(matter: Matter, scope: Scope, until: number): void {
    const times = this.#until[matter];
    times.set(scope, Math.max(until, times.get(scope) ?? 0));
  }

  until(matter: Matter, ...scopes: Scope[]): number {
    const times = this.#until[matter];
    return Math.max(0, times.get('all') ?? 0, ...scopes.map((scope) => times.get(scope) ?? 0));
  }
}
