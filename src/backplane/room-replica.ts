/**
 * What a node knows of one room: its own list, and the newest list of every other node. The roster is their union;
 * a stream's place is its smallest stamp among the nodes. Pure: what changed comes back.
 */
import type { RosterStream } from '../conference/rooms';
import type { LamportClock } from './lamport-clock';
import { MergedOrder } from './merged-order';
import type { Message, StampedStreams } from './message';

const NO_STREAMS: StampedStreams = new Map();

interface RemoteList {
  readonly version: number;
  readonly streams: StampedStreams;
  /** Its node stops: which of its streams have come back elsewhere. They keep their place, and it holds them no more. */
  readonly returned: Set<string> | undefined;
}

/** What a list of another node has changed. */
export interface Received {
  /** It is newer than what was known of that node. */
  readonly isNew: boolean;
  /** The roster is another one. */
  readonly rosterChanged: boolean;
  /** A stream of this node has moved to an earlier place, that of another holder. */
  readonly ownChanged: boolean;
}

const STALE: Received = { isNew: false, rosterChanged: false, ownChanged: false };

export class RoomReplica {
  readonly #stamps: LamportClock;
  readonly #order = new MergedOrder();
  readonly #own = new Map<string, number>();
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
  get own(): StampedStreams {
    return this.#own;
  }

  /** Grows with every list that another node has sent. */
  get revision(): number {
    return this.#revision;
  }

  /** The nodes that hold streams here, this one left out. */
  holders(): string[] {
    return [...this.#remote].filter(([, list]) => list.streams.size > 0).map(([node]) => node);
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

  /** Takes the list of another node; one that is not newer than the one known changes nothing. */
  receive({ node, version, streams, grace }: Message): Received {
    const old = this.#remote.get(node);
    if (old !== undefined && version <= old.version) return STALE;
    this.#revision++;
    if (grace === undefined) for (const name of streams.keys()) this.#hasReturned(name);
    const returned = grace === undefined ? undefined : new Set(this.#heldElsewhere(node, streams));
    this.#remote.set(node, { version, streams, returned });
    return this.#replaced(old?.streams ?? NO_STREAMS, streams);
  }

  /** A node is gone, with all that it held. @returns whether the roster is another one */
  forget(node: string): boolean {
    const old = this.#remote.get(node);
    if (old === undefined) return false;
    this.#remote.delete(node);
    return this.#replaced(old.streams, NO_STREAMS).rosterChanged;
  }

  #replaced(before: StampedStreams, after: StampedStreams): Received {
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
    return { isNew: true, rosterChanged, ownChanged };
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
