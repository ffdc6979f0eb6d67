/** Until when what is promised may take longer, and for whom: what was broken needs its time to be whole again. */

export type Scope = 'all' | `node ${string}` | `room ${string}`;

/** `changes`: joins are seen late. `ghosts`: leaves are. `presence`: who was listed may be unlisted. */
export type Matter = 'changes' | 'ghosts' | 'presence';

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
