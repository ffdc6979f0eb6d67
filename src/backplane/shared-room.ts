/** One room that has, or had lately, members on this node: its life, and what it knows of the others. */
import type { Connection, KeyRefusal } from './connection';
import { numberOf } from './digest';
import type { RoomKeys } from './keys';
import type { LamportClock } from './lamport-clock';
import { LifeCycle, type RoomState } from './life-cycle';
import { type Delta, holdsOn, isDelta, type Message } from './message';
import { type ListOwner, OwnList } from './own-list';
import { type Received, RoomReplica } from './room-replica';
import { decodeStored, type StoredList, storedVersion } from './stored-list';

/** Deltas that wait for a read at most: more are dropped, and found out by the next. */
const MOST_EARLY = 100;

/** In so many steps a new room waits for its first read. */
const WAITING_STEPS = 5;

/** What a room asks of the node that holds it. */
export interface RoomOwner extends ListOwner {
  readonly stamps: LamportClock;
  /** The connection that is being synced or live. */
  connection(): Connection | undefined;
  /** The roster is another one, or is known only now. */
  changed(room: SharedRoom): void;
  /** A node has come into the room, that knows of it what Redis holds. */
  newcomer(room: SharedRoom): void;
  /** A message is missing: Redis has what it said. */
  missed(room: SharedRoom): void;
  /** A node has said that it stops. */
  leaves(node: string, grace: number): void;
  /** A node goes on telling what it holds: if it has said that it stops, somebody else said so. */
  stays(node: string): void;
  /** Nobody here is in the room, and Redis has known it for long enough. */
  deserted(room: SharedRoom): void;
  /** Redis refuses what the room needs, and will be asked again later. */
  refused(room: SharedRoom, why: KeyRefusal): void;
}

export class SharedRoom {
  readonly name: string;
  readonly keys: RoomKeys;
  /** In digests. */
  readonly number: number;
  readonly replica: RoomReplica;
  readonly list: OwnList;
  readonly #owner: RoomOwner;
  readonly #life = new LifeCycle();
  /** The connection on which the room is subscribed to. */
  subscribedOn: Connection | undefined;
  /** When it was read last. */
  readAt = -Infinity;
  #known = false;
  #everRead = false;
  #isWatched = false;
  #stopWaiting: (() => void) | undefined;
  #stopLingering: (() => void) | undefined;
  /** Versions of other nodes' lists that a read has brought before any message; that may be on its way still. */
  #unheard: Map<string, number> | undefined;
  /** Deltas about versions that are not known yet, until the next read. */
  #early: Delta[] = [];

  constructor(name: string, keys: RoomKeys, owner: RoomOwner) {
    this.name = name;
    this.keys = keys;
    this.number = numberOf(name);
    this.#owner = owner;
    this.replica = new RoomReplica(owner.stamps);
    this.list = new OwnList({
      owner,
      room: name,
      keys,
      streams: this.replica.own,
      onEmptyStored: () => this.#linger(),
      onRefused: (why) => owner.refused(this, why),
    });
    if (owner.connection() === undefined) this.#known = true;
    else this.#waitForRead(WAITING_STEPS);
  }

  get state(): RoomState {
    return this.#life.state;
  }

  get isClosed(): boolean {
    return this.#life.state === 'closed';
  }

  /** What other nodes hold is known, or nobody can be asked. */
  get known(): boolean {
    return this.#known;
  }

  /** The last read has brought a list of which no message has told until now. */
  get hasUnheard(): boolean {
    return (this.#unheard?.size ?? 0) > 0;
  }

  join(name: string): void {
    if (this.isClosed) return;
    if (this.#life.state === 'lingering') this.#life.enter('synced');
    this.#stopLingering?.();
    this.replica.join(name);
    this.list.changed();
  }

  leave(name: string): void {
    if (this.isClosed) return;
    this.replica.leave(name);
    this.list.changed();
  }

  /** Somebody here hears the room without holding a stream of it. */
  watch(): void {
    this.#isWatched = true;
    if (this.#life.state === 'lingering') this.#life.enter('synced');
    this.#stopLingering?.();
  }

  unwatch(): void {
    this.#isWatched = false;
    if (this.#life.state === 'synced' && this.list.idle) this.#linger();
  }

  /** Takes what another node has sent. */
  receive(message: Message): void {
    if (this.isClosed) return;
    if (this.#unheard?.get(message.node) === message.version) this.#unheard.delete(message.node);
    const heldNothing = !this.replica.isHolder(message.node);
    if (this.#isOutdated(message)) this.#owner.missed(this);
    const news = this.#take(message);
    if (news === 'new' && holdsOn(message)) this.#owner.stays(message.node);
    if (heldNothing && this.replica.isHolder(message.node)) this.#owner.newcomer(this);
    if (news !== 'gap' || !isDelta(message)) return;
    if (this.#early.length < MOST_EARLY) this.#early.push(message);
    if (this.#life.state !== 'opening') this.#owner.missed(this);
  }

  /** A node is dead. */
  forget(node: string): void {
    if (!this.isClosed && this.replica.forget(node)) this.#owner.changed(this);
  }

  /** Nobody is waited for any more who came back from a node that has stopped. */
  forgetDead(isLiving: (node: string) => boolean): void {
    for (const node of this.replica.holders()) if (!isLiving(node)) this.forget(node);
  }

  becomeKnown(): void {
    if (this.#known || this.isClosed) return;
    this.#known = true;
    this.#stopWaiting?.();
    this.#owner.changed(this);
  }

  /**
   * Takes what Redis holds of the other nodes, and then the deltas that have come before it.
   * @returns whether the read before this one had brought a list of which no message has told until now
   */
  takeRead(lists: readonly StoredList[], isLiving: (node: string) => boolean): boolean {
    if (this.isClosed) return false;
    const hasRepaired = this.hasUnheard;
    this.#unheard = undefined;
    this.readAt = this.#owner.clock.now();
    for (const list of lists) {
      if (list.node === this.#owner.self) this.list.denies(storedVersion(list));
      else if (isLiving(list.node)) this.#takeStored(list);
    }
    this.#takeEarly();
    this.forgetDead(isLiving);
    return hasRepaired;
  }

  /** The room has been read over this connection: its own list follows, whatever Redis had of it. */
  synced(connection: Connection): void {
    if (this.isClosed || this.subscribedOn !== connection) return;
    this.#life.enter('synced');
    this.#stopLingering?.();
    this.#unheard = undefined;
    const moved = !this.#everRead && this.replica.restampOwn();
    this.#everRead = true;
    if (moved && this.#known) this.#owner.changed(this);
    this.becomeKnown();
    this.list.release(connection);
  }

  /** The connection is lost, or Redis refuses the room: nothing can be sent, and nobody waits for a read. */
  reopen(): void {
    if (this.isClosed) return;
    this.#life.enter('opening');
    this.#stopLingering?.();
    this.list.hold();
    this.#early = [];
    this.becomeKnown();
  }

  linkLost(): void {
    this.subscribedOn = undefined;
    this.reopen();
  }

  /** No more timers, and nothing is sent or taken any more. */
  close(): void {
    if (!this.#life.enter('closed')) return;
    this.list.hold();
    this.#early = [];
    this.#stopWaiting?.();
    this.#stopLingering?.();
  }

  /** What was known of its node, it has not said. Right after a read, older messages are only late. */
  #isOutdated({ node, version }: Message): boolean {
    const { clock, timing } = this.#owner;
    return version < (this.replica.versionOf(node) ?? 0) && clock.now() - this.readAt >= timing.refresh;
  }

  /** In steps, so that what has come while this process was busy is heard before the time is up. */
  #waitForRead(steps: number): void {
    const { clock, timing } = this.#owner;
    this.#stopWaiting = clock.schedule(() => {
      if (steps > 1) this.#waitForRead(steps - 1);
      else this.becomeKnown();
    }, timing.firstRead / WAITING_STEPS);
  }

  #takeEarly(): void {
    for (const delta of this.#early) {
      this.#take(delta);
      if (this.#unheard?.get(delta.node) === delta.version) this.#unheard.delete(delta.node);
    }
    this.#early = [];
  }

  #takeStored(stored: StoredList): void {
    if (storedVersion(stored) === this.replica.versionOf(stored.node)) return;
    const list = decodeStored(stored, this.#owner.mostThatCanBe());
    if (list === undefined || this.#take(list) !== 'new') return;
    this.#unheard ??= new Map();
    this.#unheard.set(list.node, list.version);
  }

  /** @returns whether it was newer than what was known, or there is a gap between */
  #take(message: Message): Received['news'] {
    const { news, rosterChanged, ownChanged } = this.replica.receive(message);
    if (news === 'new' && !isDelta(message) && message.grace !== undefined)
      this.#owner.leaves(message.node, message.grace);
    if (ownChanged) this.list.changed();
    if (rosterChanged) this.#owner.changed(this);
    return news;
  }

  /** Follows the room for a while yet: others must hear that it is empty here, and people often come back. */
  #linger(): void {
    if (this.#isWatched || this.replica.own.size > 0 || !this.#life.enter('lingering')) return;
    this.#stopLingering?.();
    this.#stopLingering = this.#owner.clock.schedule(() => {
      if (this.#life.state === 'lingering' && this.list.idle) this.#owner.deserted(this);
    }, this.#owner.timing.linger);
  }
}
