/**
 * Which nodes live. A node is dead when it is absent from the set of the living, and silent for its expiry, and
 * this node's view has been whole for as long: a Redis that lost its data must not bury the living. Pure.
 */
import type { NodeFacts } from './node-facts';

interface Known {
  heardAt: number;
  /** Since when it has been in the set without a break; undefined while it is not. */
  listedSince: number | undefined;
  facts: NodeFacts | undefined;
}

export class Liveness {
  readonly #expiry: number;
  readonly #nodes = new Map<string, Known>();
  /** Since when the link has been live and Redis has kept its data. */
  #wholeSince = Infinity;

  /** @param expiry milliseconds of silence after which an absent node is dead */
  constructor(expiry: number) {
    this.#expiry = expiry;
  }

  /** The other nodes, as far as they are not dead. */
  *nodes(): Iterable<{ id: string; listed: boolean; facts: NodeFacts | undefined }> {
    for (const [id, { listedSince, facts }] of this.#nodes)
      yield { id, listed: listedSince !== undefined, facts };
  }

  knows(node: string): boolean {
    return this.#nodes.has(node);
  }

  /** A message of the node has come. */
  heard(node: string, now: number): void {
    const known = this.#nodes.get(node);
    if (known === undefined)
      this.#nodes.set(node, { heardAt: now, listedSince: undefined, facts: undefined });
    else known.heardAt = now;
  }

  /** What Redis holds is believed to be whole from now on: the link is live, or Redis has lost its data. */
  startAnew(now: number): void {
    this.#wholeSince = now;
    for (const known of this.#nodes.values()) {
      if (known.listedSince !== undefined) known.listedSince = now;
    }
  }

  /** The link is lost: nobody dies meanwhile. */
  linkLost(): void {
    this.#wholeSince = Infinity;
  }

  /** The set of the living is this. @returns the nodes that are dead now; they are forgotten here */
  refreshed(living: ReadonlyMap<string, NodeFacts | undefined>, now: number): string[] {
    for (const [node, facts] of living) {
      if (!this.#nodes.has(node)) this.heard(node, now);
      const known = this.#nodes.get(node);
      if (known === undefined) continue;
      known.listedSince ??= now;
      known.facts = facts ?? known.facts;
    }
    const dead: string[] = [];
    for (const [node, known] of this.#nodes) {
      if (living.has(node)) continue;
      known.listedSince = undefined;
      const silentSince = Math.max(known.heardAt, this.#wholeSince);
      if (now - silentSince >= this.#expiry) dead.push(node);
    }
    for (const node of dead) this.#nodes.delete(node);
    return dead;
  }

  /**
   * Whether the node has been listed, and Redis whole, for so long (twice the expiry) that it must have restored
   * whatever Redis had lost: what it has not stored by then, it does not hold.
   */
  hasSettled(node: string, now: number): boolean {
    const since = Math.max(this.#nodes.get(node)?.listedSince ?? Infinity, this.#wholeSince);
    return now - since >= 2 * this.#expiry;
  }
}
