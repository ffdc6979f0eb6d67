/** One room that has, or had lately, members on this node: its life, and what it knows of the others. */
import type { Connection, KeyRefusal } from './connection';
import type { RoomKeys } from './keys';
import type { LamportClock } from './lamport-clock';
import { LifeCycle, type RoomState } from './life-cycle';
import { decodeMessage, type Message, peekHead } from './message';
import { type ListOwner, OwnList } from './own-list';
import { RoomReplica } from './room-replica';

/** What a room asks of the node that holds it. */
export interface RoomOwner extends ListOwner {
  readonly stamps: LamportClock;
  /** The connection that is being synced or live. */
  connection(): Connection | undefined;
  /** The roster is another one, or is known only now. */
  changed(room: SharedRoom): void;
  /** A node has said that it stops. */
  leaves(node: string, grace: number): void;
  /** Nobody here is in the room, and Redis has known it for long enough. */
  deserted(room: SharedRoom): void;
  /** Redis refuses what the room needs, and will be asked again later. */
  refused(room: SharedRoom, why: KeyRefusal): void;
}

export class SharedRoom {
  readonly name: string;
  readonly keys: RoomKeys;
  readonly replica: RoomReplica;
  readonly list: OwnList;
  readonly #owner: RoomOwner;
  readonly #life = new LifeCycle();
  /** The connection on which the room is subscribed to. */
  subscribedOn: Connection | undefined;
  #known = false;
  #everRead = false;
  #isWatched = false;
  #stopWaiting: (() => void) | undefined;
  #stopLingering: (() => void) | undefined;
  /** Versions of other nodes' lists that a read has brought before any message; that may be on its way still. */
  #unheard: Map<string, number> | undefined;

  constructor(name: string, keys: RoomKeys, owner: RoomOwner) {
    this.name = name;
    this.keys = keys;
    this.#owner = owner;
    this.replica = new RoomReplica(owner.stamps);
    this.list = new OwnList({
      owner,
      keys,
      streams: this.replica.own,
      onEmptyStored: () => this.#linger(),
      onRefused: (why) => owner.refused(this, why),
    });
    if (owner.connection() === undefined) this.#known = true;
    else this.#stopWaiting = owner.clock.schedule(() => this.becomeKnown(), owner.timing.firstRead);
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

  /** Takes another node's list out of a message. */
  receive(message: Message): void {
    if (this.isClosed) return;
    if (this.#unheard?.get(message.node) === message.version) this.#unheard.delete(message.node);
    this.#take(message);
  }

  /** A node is dead. */
  forget(node: string): void {
    if (!this.isClosed && this.replica.forget(node)) this.#owner.changed(this);
  }

  becomeKnown(): void {
    if (this.#known || this.isClosed) return;
    this.#known = true;
    this.#stopWaiting?.();
    this.#owner.changed(this);
  }

  /**
   * Takes what Redis holds of the other nodes.
   * @returns whether the read before this one had brought a list of which no message has told until now
   */
  takeRead(fields: Readonly<Record<string, string>>, isLiving: (node: string) => boolean): boolean {
    if (this.isClosed) return false;
    const hasRepaired = (this.#unheard?.size ?? 0) > 0;
    this.#unheard = undefined;
    for (const [node, text] of Object.entries(fields)) {
      if (node === this.#owner.self) this.list.denies(peekHead(text)?.version ?? 0);
      else if (isLiving(node)) this.#takeField(node, text);
    }
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
    this.#stopWaiting?.();
    this.#stopLingering?.();
  }

  #takeField(node: string, text: string): void {
    if (peekHead(text)?.version === this.replica.versionOf(node)) return;
    const message = decodeMessage(text, this.#owner.mostThatCanBe());
    if (message?.node !== node || !this.#take(message)) return;
    this.#unheard ??= new Map();
    this.#unheard.set(node, message.version);
  }

  /** @returns whether it was newer than what was known */
  #take(message: Message): boolean {
    if (message.grace !== undefined) this.#owner.leaves(message.node, message.grace);
    const { isNew, rosterChanged, ownChanged } = this.replica.receive(message);
    if (ownChanged) this.list.changed();
    if (rosterChanged) this.#owner.changed(this);
    return isNew;
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
