/** Tells the others that this node lives, and knows which of them do. */

import type { Clock } from '../clock';
import type { NodeStatus } from '../conference/backplane-status';
import type { Connection } from './connection';
import type { NodeKeys } from './keys';
import { Liveness } from './liveness';
import type { NodeFacts } from './node-facts';
import { callRoll } from './roll-call';
import type { Timing } from './timing';

export interface CensusParts {
  readonly self: string;
  readonly keys: NodeKeys;
  readonly clock: Clock;
  readonly timing: Timing;
  /** What this node says of itself. */
  readonly facts: () => NodeFacts;
  readonly onDead: (node: string) => void;
  /** Redis did not know this node: it was emptied, or this process has slept for longer than the others wait. */
  readonly onForgotten: () => void;
}

export class Census {
  readonly liveness: Liveness;
  readonly #parts: CensusParts;
  #stopRefreshing: () => void = () => {};

  constructor(parts: CensusParts) {
    this.#parts = parts;
    this.liveness = new Liveness(parts.timing.expiry);
  }

  /** This node and those that it knows, the oldest first. */
  nodes(): NodeStatus[] {
    const { self, facts } = this.#parts;
    const nodes: NodeStatus[] = [{ id: self, self: true, state: 'live', ...facts() }];
    for (const { id, listed, facts } of this.liveness.nodes()) {
      if (facts !== undefined) nodes.push({ id, self: false, state: listed ? 'live' : 'silent', ...facts });
    }
    return nodes.sort((a, b) => a.startedAt - b.startedAt);
  }

  /** Says that this node lives, and hears who else does. */
  async call(connection: Connection): Promise<void> {
    const { self, keys, clock, timing, facts, onDead, onForgotten } = this.#parts;
    const { wasThere, living } = await callRoll(connection, keys, self, facts(), timing.expiry);
    if (!wasThere) this.liveness.startAnew(clock.now());
    for (const node of this.liveness.refreshed(living, clock.now())) onDead(node);
    if (!wasThere) onForgotten();
  }

  /** The link is live: goes on calling until the connection or the census ends. */
  start(connection: Connection): void {
    this.liveness.startAnew(this.#parts.clock.now());
    this.#scheduleRefresh(connection);
  }

  /** The link is lost: nobody dies meanwhile. */
  linkLost(): void {
    this.#stopRefreshing();
    this.liveness.linkLost();
  }

  stop(): void {
    this.#stopRefreshing();
  }

  async sayGoodbye(connection: Connection): Promise<void> {
    const { keys, self } = this.#parts;
    await Promise.all([
      connection.removeFromSet(keys.living, self),
      connection.deleteFields(keys.facts, [self]),
    ]);
  }

  #scheduleRefresh(connection: Connection): void {
    const { clock, timing } = this.#parts;
    let isOver = false;
    const cancel = clock.schedule(async () => {
      await this.call(connection).catch((error) => connection.destroy(error));
      if (!isOver) this.#scheduleRefresh(connection);
    }, timing.refresh);
    this.#stopRefreshing = () => {
      isOver = true;
      cancel();
    };
  }
}
