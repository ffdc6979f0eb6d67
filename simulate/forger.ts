/** Somebody else who writes to Redis: what no node has sent, and keys that are no rooms of ours. */

import type { Keys } from '../src/backplane/keys';
import { encodeDelta, encodeMessage, FORMATS } from '../src/backplane/message';
import { storedLists, storedVersion } from '../src/backplane/stored-list';
import type { Clock } from '../src/clock';
import type { SeededRandom } from '../test/helpers/random';
import { EVICTED, type Excuses, LOST_MESSAGE, RECOVERY_OF_MANY } from './excuses';
import { NOBODY } from './final-checks';
import type { SimulatedNode } from './node';
import type { SimulatedRedis } from './redis';

/** Milliseconds until a node has denied what was said in its name. */
const DENIED = 2_000;

export interface ForgerParts {
  readonly redis: SimulatedRedis;
  readonly keys: Keys;
  readonly random: SeededRandom;
  readonly clock: Clock;
  readonly excuses: Excuses;
  /** Milliseconds that everything may take longer in this run. */
  readonly slack: number;
  /** The nodes that Redis reaches. */
  readonly reached: () => readonly SimulatedNode[];
  readonly losesMessages: () => boolean;
}

export class Forger {
  readonly #parts: ForgerParts;
  /** Rooms in which something was said in a node's name, and until when it may be believed. */
  readonly #believed = new Map<string, number>();

  constructor(parts: ForgerParts) {
    this.#parts = parts;
  }

  setKey(room: string, lasts: number): void {
    const { redis, keys, clock, excuses, slack } = this.#parts;
    const { hash } = keys.room(room);
    redis.setText(hash, 'x');
    clock.schedule(() => {
      if (redis.typeOf(hash) === 'text') redis.deleteKey(hash);
    }, lasts);
    const until = clock.now() + lasts + LOST_MESSAGE + slack;
    excuses.excuse('changes', `room ${room}`, until);
    excuses.excuse('ghosts', `room ${room}`, until + RECOVERY_OF_MANY);
    excuses.excuse('presence', `room ${room}`, until);
  }

  /** What no node has sent: from nobody, or in the name of a node that is in the room. */
  sendMessage(room: string, version: number, isStored: boolean): void {
    const { redis, keys, random } = this.#parts;
    const held = this.#ableToDeny(room);
    const victim = version === 1 ? undefined : held[random.below(held.length + 1)];
    const streams = new Map([['ghost', version]]);
    const { name: node, formats } = victim ?? { name: NOBODY, formats: FORMATS };
    const text = encodeMessage({ node, version, streams }, formats.newest);
    const { hash, channel } = keys.room(room);
    // What could be true is believed until the node itself denies it.
    if (victim !== undefined && version < 2 ** 50) this.#isBelieved(room, victim, isStored);
    redis.publish(channel, text);
    if (isStored && redis.typeOf(hash) === 'hash') redis.setField(hash, node, text);
  }

  /** What a node in the room could have sent next: the others believe it, and the node does not. */
  sendDelta(room: string): void {
    const { redis, keys, random } = this.#parts;
    const { hash, channel } = keys.room(room);
    if (redis.typeOf(hash) !== 'hash') return;
    const held = this.#ableToDeny(room).filter(({ formats }) => formats.newest === FORMATS.newest);
    const names = new Set(held.map(({ name }) => name));
    const lists = storedLists(redis.readHash(hash)).filter(({ node }) => names.has(node));
    const list = lists[random.below(lists.length)];
    const victim = held.find(({ name }) => name === list?.node);
    if (list === undefined || victim === undefined) return;
    const base = storedVersion(list);
    const changed = new Map([['ghost', base]]);
    this.#isBelieved(room, victim, false);
    redis.publish(
      channel,
      encodeDelta({ node: list.node, version: base + 1_000, base, changed, left: ['c0'] }),
    );
  }

  /** Connections have ended, or data is lost: what was on its way is lost, and the truth is found later. */
  connectionsLost(): void {
    for (const [room, until] of this.#believed)
      if (this.#parts.clock.now() <= until) this.#isUnheard(room, LOST_MESSAGE);
  }

  /** Who is in the room and may hear what is said in its name: what nobody denies is believed. */
  #ableToDeny(room: string): SimulatedNode[] {
    return this.#parts.reached().filter((node) => node.serves && node.rooms.get(room) !== undefined);
  }

  /** Until the node itself denies it; where it does not hear it, until the others read the room, or it does. */
  #isBelieved(room: string, victim: SimulatedNode, isStored: boolean): void {
    const { clock, slack, excuses, losesMessages } = this.#parts;
    if (losesMessages() || !victim.hears(room)) {
      this.#isUnheard(room, isStored ? EVICTED : LOST_MESSAGE);
      return;
    }
    const denied = clock.now() + DENIED + slack;
    this.#believed.set(room, denied);
    for (const matter of ['changes', 'presence'] as const) excuses.excuse(matter, `room ${room}`, denied);
  }

  #isUnheard(room: string, lasts: number): void {
    const { clock, slack, excuses } = this.#parts;
    const found = clock.now() + lasts + slack;
    this.#believed.set(room, found);
    for (const matter of ['changes', 'presence', 'ghosts'] as const)
      excuses.excuse(matter, `room ${room}`, found);
  }
}
