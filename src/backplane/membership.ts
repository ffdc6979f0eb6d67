/** Tells the others that this node lives, from the first command of a connection to the last, and knows who does. */

import type { Clock } from '../clock';
import type { NodeStatus } from '../conference/backplane-status';
import type { Connection } from './connection';
import { beat } from './heartbeat';
import type { NodeKeys } from './keys';
import { Liveness } from './liveness';
import { encodeFacts, type NodeFacts } from './node-facts';
import { toError } from './problems';
import { LEAVE } from './scripts';
import type { Timing } from './timing';

export interface MembershipParts {
  readonly self: string;
  readonly keys: () => NodeKeys;
  readonly clock: Clock;
  readonly timing: Timing;
  /** What this node says of itself. */
  readonly facts: () => NodeFacts;
  /** @param hasSaidSo that it stops: whoever was on it may be back elsewhere */
  readonly onDead: (node: string, hasSaidSo: boolean) => void;
  /** Redis did not know this node: it was emptied, or this process has slept for longer than the others wait. */
  readonly onForgotten: () => void;
  /** It has been heard who lives. */
  readonly onBeat: (connection: Connection) => void;
}

export class Membership {
  readonly liveness: Liveness;
  readonly #parts: MembershipParts;
  #stopBeating: () => void = () => {};
  /** A heartbeat after the last word would make this node live again. */
  #hasLeft = false;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.liveness = new Liveness(parts.timing.expiry);
  }

  /** This node and those that it knows, the oldest first. */
  nodes(): NodeStatus[] {
    const { self, facts } = this.#parts;
    const nodes: NodeStatus[] = [statusOf(self, facts(), true, 'live')];
    for (const { id, listed, facts } of this.liveness.nodes()) {
      if (facts !== undefined) nodes.push(statusOf(id, facts, false, listed ? 'live' : 'silent'));
    }
    return nodes.sort((a, b) => a.startedAt - b.startedAt);
  }

  /** Says that this node lives, unless it has left, and hears who else does. @throws what ends the connection */
  async beat(connection: Connection): Promise<void> {
    if (this.#hasLeft) return;
    const { self, keys, clock, timing, facts, onDead, onForgotten, onBeat } = this.#parts;
    const { wasThere, living } = await beat(connection, keys(), self, facts(), timing.expiry);
    if (!wasThere) this.liveness.dataLost(clock.now());
    for (const { node, hasSaidSo } of this.liveness.refreshed(living, clock.now())) onDead(node, hasSaidSo);
    if (!wasThere) onForgotten();
    onBeat(connection);
  }

  /** The first beat over a connection, upon which the next ones follow until it ends. */
  async start(connection: Connection): Promise<void> {
    await this.beat(connection);
    this.#scheduleBeat(connection);
  }

  /** The link is live: what Redis holds is whole from now on. */
  linkLive(): void {
    this.liveness.startAnew(this.#parts.clock.now());
  }

  /** The link is lost: nobody dies meanwhile. */
  linkLost(): void {
    this.#stopBeating();
    this.liveness.linkLost();
  }

  stop(): void {
    this.#stopBeating();
  }

  /** @param grace milliseconds for which the others wait for those who come back */
  async leave(connection: Connection, grace: number): Promise<void> {
    const { self, keys, facts } = this.#parts;
    this.#hasLeft = true;
    const last = encodeFacts({ ...facts(), grace });
    await connection.run(LEAVE, [keys().living, keys().facts], [self, String(grace), last]);
  }

  #scheduleBeat(connection: Connection): void {
    const { clock, timing } = this.#parts;
    let isOver = false;
    const cancel = clock.schedule(async () => {
      await this.beat(connection).catch((error) => connection.destroy(toError(error)));
      if (!isOver) this.#scheduleBeat(connection);
    }, timing.refresh);
    this.#stopBeating = () => {
      isOver = true;
      cancel();
    };
  }
}

function statusOf(id: string, facts: NodeFacts, self: boolean, state: NodeStatus['state']): NodeStatus {
  const { startedAt, machine, rooms, streams, version } = facts;
  return { id, self, state, startedAt, machine, rooms, streams, version };
}
