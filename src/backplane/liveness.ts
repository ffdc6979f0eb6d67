/**
 * Which nodes live. A node is dead when it is absent from the set of the living, and silent for its expiry, and
 * this node's view has been whole for as long: a Redis that lost its data must not bury the living. One that has said
 * that it stops is dead when its grace is over. Pure.
 */
import type { NodeFacts } from './node-facts';

interface Known {
  heardAt: number;
  /** Since when it has been in the set without a break, with all that it holds stored; undefined while it is not. */
  settledSince: number | undefined;
  isListed: boolean;
  facts: NodeFacts | undefined;
  leaving: Leaving | undefined;
}

/** A node has said that it stops. */
interface Leaving {
  readonly since: number;
  readonly grace: number;
  /** In its facts, which it would not go on saying if somebody else had. */
  readonly isInFacts: boolean;
}

const UNSEEN: Known = {
  heardAt: 0,
  settledSince: undefined,
  isListed: false,
  facts: undefined,
  leaving: undefined,
};

export interface Dead {
  readonly node: string;
  /** It has said that it stops. */
  readonly hasSaidSo: boolean;
}

export class Liveness {
  readonly #expiry: number;
  readonly #nodes = new Map<string, Known>();
  /** Since when the link has been live and Redis has kept its data. */
  #wholeSince = Infinity;
  #dataLostAt = -Infinity;

  /** @param expiry milliseconds of silence after which an absent node is dead */
  constructor(expiry: number) {
    this.#expiry = expiry;
  }

  /** The other nodes, as far as they are not dead. */
  *nodes(): Iterable<{ id: string; listed: boolean; facts: NodeFacts | undefined }> {
    for (const [id, { isListed, facts }] of this.#nodes) yield { id, listed: isListed, facts };
  }

  knows(node: string): boolean {
    return this.#nodes.has(node);
  }

  /** A node holds streams that have come from elsewhere: it is given the time to be in the set here too. */
  expect(node: string, now: number): void {
    if (!this.#nodes.has(node)) this.#nodes.set(node, { ...UNSEEN, heardAt: now });
  }

  /** A message of a known node has come. */
  heard(node: string, now: number): void {
    const known = this.#nodes.get(node);
    if (known !== undefined) known.heardAt = now;
  }

  /** A known node stops: it is waited for, but not for longer. The first word counts. */
  leaves(node: string, grace: number, now: number): void {
    const known = this.#nodes.get(node);
    if (known !== undefined) known.leaving ??= { since: now, grace, isInFacts: false };
  }

  /** It does not stop, whoever has said so. */
  stays(node: string): void {
    const known = this.#nodes.get(node);
    if (known !== undefined) known.leaving = undefined;
  }

  /** The link is live: what Redis holds is believed to be whole from now on. */
  startAnew(now: number): void {
    this.#wholeSince = now;
  }

  /** Redis has lost its data. While the link is not live nothing is believed to be whole anyway. */
  dataLost(now: number): void {
    this.#dataLostAt = now;
    if (this.#wholeSince !== Infinity) this.startAnew(now);
  }

  /** When Redis has lost its data last, upon which every node says all that it holds. */
  get dataLostAt(): number {
    return this.#dataLostAt;
  }

  /** The link is lost: nobody dies meanwhile. */
  linkLost(): void {
    this.#wholeSince = Infinity;
  }

  /** The set of the living is this. @returns the nodes that are dead now; they are forgotten here */
  refreshed(living: ReadonlyMap<string, NodeFacts | undefined>, now: number): Dead[] {
    for (const [node, facts] of living) this.#isListed(node, facts, now);
    const dead: Dead[] = [];
    for (const [node, known] of this.#nodes) {
      if (!living.has(node)) {
        known.isListed = false;
        known.settledSince = undefined;
      }
      if (this.#isDead(known, now)) dead.push({ node, hasSaidSo: known.leaving !== undefined });
    }
    for (const { node } of dead) this.#nodes.delete(node);
    return dead;
  }

  /**
   * Whether the node has held everything in Redis, and Redis has been whole, for so long (twice the expiry) that what
   * is not there now, it does not hold.
   */
  hasSettled(node: string, now: number): boolean {
    const since = Math.max(this.#nodes.get(node)?.settledSince ?? Infinity, this.#wholeSince);
    return now - since >= 2 * this.#expiry;
  }

  #isListed(node: string, facts: NodeFacts | undefined, now: number): void {
    const known = this.#nodes.get(node) ?? { ...UNSEEN, heardAt: now };
    this.#nodes.set(node, known);
    known.isListed = true;
    known.facts = facts ?? known.facts;
    if (facts?.synced === false) known.settledSince = undefined;
    else known.settledSince ??= now;
    if (facts === undefined) return;
    if (facts.grace !== undefined) known.leaving ??= { since: now, grace: facts.grace, isInFacts: true };
    else if (known.leaving?.isInFacts) known.leaving = undefined;
  }

  #isDead({ isListed, heardAt, leaving }: Known, now: number): boolean {
    if (leaving !== undefined) {
      const hasEnded = !isListed && this.#wholeSince <= leaving.since;
      // Who came back elsewhere while the link was lost is still to be heard of. Redis says when the grace is over,
      // unless its clock was set back, or somebody else has said so.
      const longest = leaving.grace + (isListed ? this.#expiry : 0);
      return hasEnded || now >= Math.max(leaving.since, this.#wholeSince) + longest;
    }
    return !isListed && now - Math.max(heardAt, this.#wholeSince) >= this.#expiry;
  }
}
