/**
 * What a node knows of one room: its own list, and the newest list of every other node. The roster is their union;
 * a stream's place is its smallest stamp among the nodes. Pure: what changed comes back.
 */
import type { RosterStream } from '../conference/rooms';
import type { LamportClock } from './lamport-clock';
import { MergedOrder } from './merged-order';
import { type Delta, isDelta, type Message, type StampedStreams, type WholeList } from './message';
import { OwnStreams } from './own-streams';

const NO_STREAMS: StampedStreams = new Map();

interface RemoteList {
  version: number;
  readonly streams: Map<string, number>;
  /** Its node stops: which of its streams have come back elsewhere. They keep their place, and it holds them no more. */
  readonly returned: Set<string> | undefined;
}

/** What a message of another node has changed. */
export interface Received {
  /**
   * `new`: than what was known of that node. `old`: not newer, and of no effect. `gap`: a newer delta that is about
   * another version than the one known, and of no effect either.
   */
  readonly news: 'new' | 'old' | 'gap';
  /** The roster is another one. */
  readonly rosterChanged: boolean;
  /** A stream of this node has moved to an earlier place, that of another holder. */
  readonly ownChanged: boolean;
}

const OLD: Received = { news: 'old', rosterChanged: false, ownChanged: false };
const GAP: Received = { ...OLD, news: 'gap' };

export class RoomReplica {
  readonly #stamps: LamportClock;
  readonly #order = new MergedOrder();
  readonly #own = new OwnStreams();
  readonly #remote = new Map<string, RemoteList>();
  #revision = 0;

  constructor(stamps: LamportClock) {
    this.#stamps = stamps;
  }

  /** The roster: all streams, in the order on which all nodes agree. */
  get streams(): readonly RosterStream[] {
    return this.#order.streams;
  }

  /** What this node holds. */
  get own(): OwnStreams {
    return this.#own;
  }

  /** How many streams only other nodes hold. @param but one that does not count */
  elsewhere(but: string | undefined): number {
    const isThere = but !== undefined && this.#order.has(but) && !this.#own.has(but);
    return this.#order.streams.length - this.#own.size - Number(isThere);
  }

  /** Grows with every version of another node's list. */
  get revision(): number {
    return this.#revision;
  }

  /** The nodes that hold streams here, this one left out. */
  holders(): string[] {
    return [...this.#remote].filter(([, list]) => list.streams.size > 0).map(([node]) => node);
  }

  isHolder(node: string): boolean {
    return (this.#remote.get(node)?.streams.size ?? 0) > 0;
  }

  versionOf(node: string): number | undefined {
    return this.#remote.get(node)?.version;
  }

  /** A stream joins here: at the end, or at its place where another node holds it already. */
  join(name: string): void {
    this.#own.set(name, this.#stampFor(name));
    this.#hasReturned(name);
    this.#place(name);
  }

  leave(name: string): void {
    this.#own.delete(name);
    this.#place(name);
  }

  /**
   * Streams that joined before the room was first read have stamps that know nothing of it: they are stamped anew,
   * behind all that were there before them. Only as long as no other node has seen the stamps.
   * @returns whether the roster may be another one
   */
  restampOwn(): boolean {
    if (this.holders().length === 0) return false;
    for (const [name] of [...this.#own].sort(([, a], [, b]) => a - b)) this.join(name);
    return true;
  }

  /** Takes what another node has sent. */
  receive(message: Message): Received {
    const old = this.#remote.get(message.node);
    if (old !== undefined && message.version <= old.version) return OLD;
    return isDelta(message) ? this.#change(old, message) : this.#replace(old, message);
  }

  /** What is known of a node is not what it has said: the next list that comes of it is taken, whatever its version. */
  doubt(node: string): void {
    const list = this.#remote.get(node);
    if (list !== undefined) list.version = 0;
  }

  /** A node is gone, with all that it held. @returns whether the roster is another one */
  forget(node: string): boolean {
    const old = this.#remote.get(node);
    if (old === undefined) return false;
    this.#remote.delete(node);
    return this.#moved(old.streams, NO_STREAMS).rosterChanged;
  }

  #replace(old: RemoteList | undefined, { node, version, streams, grace }: WholeList): Received {
    this.#revision++;
    if (grace === undefined) for (const name of streams.keys()) this.#hasReturned(name);
    const returned = grace === undefined ? undefined : new Set(this.#heldElsewhere(node, streams));
    this.#remote.set(node, { version, streams: new Map(streams), returned });
    return this.#moved(old?.streams ?? NO_STREAMS, streams);
  }

  #change(list: RemoteList | undefined, { version, base, changed, left }: Delta): Received {
    if (list === undefined || list.version !== base || list.returned !== undefined) return GAP;
    this.#revision++;
    list.version = version;
    const before = new Map<string, number>();
    for (const name of [...changed.keys(), ...left]) {
      const stamp = list.streams.get(name);
      if (stamp !== undefined) before.set(name, stamp);
    }
    for (const name of left) list.streams.delete(name);
    for (const [name, stamp] of changed) {
      list.streams.set(name, stamp);
      this.#hasReturned(name);
    }
    return this.#moved(before, changed);
  }

  /** Streams of another node have other places, or none any more. */
  #moved(before: StampedStreams, after: StampedStreams): Received {
    let rosterChanged = false;
    let ownChanged = false;
    for (const [name, stamp] of after) {
      if (before.get(name) === stamp) continue;
      this.#stamps.saw(stamp);
      if (stamp < (this.#own.get(name) ?? 0)) {
        this.#own.set(name, stamp);
        ownChanged = true;
      }
      if (this.#place(name)) rosterChanged = true;
    }
    for (const name of before.keys()) {
      if (!after.has(name) && this.#place(name)) rosterChanged = true;
    }
    return { news: 'new', rosterChanged, ownChanged };
  }

  /** A stream is held by a node that stays: those that stop hold it no more. */
  #hasReturned(name: string): void {
    for (const { returned, streams } of this.#remote.values()) if (streams.has(name)) returned?.add(name);
  }

  #heldElsewhere(node: string, streams: StampedStreams): string[] {
    const lists = [...this.#remote].filter(
      ([other, { returned }]) => other !== node && returned === undefined,
    );
    return [...streams.keys()].filter(
      (name) => this.#own.has(name) || lists.some(([, list]) => list.streams.has(name)),
    );
  }

  #place(name: string): boolean {
    const isHeld = this.#own.has(name) || this.#isHeldRemotely(name);
    return this.#order.place(name, isHeld ? this.#smallestStamp(name) : undefined);
  }

  #isHeldRemotely(name: string): boolean {
    for (const { streams, returned } of this.#remote.values()) {
      if (streams.has(name) && returned?.has(name) !== true) return true;
    }
    return false;
  }

  #stampFor(name: string): number {
    let smallest: number | undefined;
    for (const { streams } of this.#remote.values()) smallest = least(smallest, streams.get(name));
    return smallest ?? this.#stamps.next();
  }

  #smallestStamp(name: string): number | undefined {
    let smallest = this.#own.get(name);
    for (const { streams } of this.#remote.values()) smallest = least(smallest, streams.get(name));
    return smallest;
  }
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
