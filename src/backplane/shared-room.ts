/** One room that has, or had lately, members on this node: its replica, what is sent for it and what is read. */
import type { Clock } from '../clock';
import type { Connection } from './connection';
import type { RoomKeys } from './keys';
import type { LamportClock } from './lamport-clock';
import { decodeMessage, encodeMessage, type Message, peekHead } from './message';
import { Pacer } from './pacer';
import { toError } from './problems';
import { RoomReplica } from './room-replica';
import type { Timing } from './timing';

/** Characters of a message above which a room's list is a big one. */
const BIG = 64 * 1024;

/** Redis keeps a room that nobody reads any more for as long as this many reads would take. */
const KEPT_REREADS = 4;

/** What a room asks of the node that holds it. */
export interface RoomOwner {
  /** This node's name among the others. */
  readonly self: string;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly stamps: LamportClock;
  /** The connection that is being synced or live. */
  connection(): Connection | undefined;
  nextVersion(): number;
  /** The roster is another one, or is known only now. */
  changed(room: SharedRoom): void;
  published(): void;
  propagated(milliseconds: number): void;
  /** Nobody here is in the room, and Redis has known it for long enough. */
  deserted(room: SharedRoom): void;
}

export class SharedRoom {
  readonly name: string;
  readonly keys: RoomKeys;
  readonly replica: RoomReplica;
  readonly #owner: RoomOwner;
  readonly #pacer: Pacer;
  /** The connection on which the room is subscribed to. */
  subscribedOn: Connection | undefined;
  /** The connection over which it has been read, so that its list may be sent. */
  #readOn: Connection | undefined;
  #known = false;
  #everRead = false;
  #stopWaiting: (() => void) | undefined;
  #stopLingering: (() => void) | undefined;
  /** When the oldest change was made that is not sent yet. */
  #changedAt: number | undefined;
  /** The list that was sent last, until it comes back. */
  #sent: { readonly version: number; readonly changedAt: number } | undefined;
  #storedVersion = 0;
  /** Since when our field has been in Redis. */
  #storedSince = Infinity;
  /** When Redis was last asked to keep the room. */
  #keptAt = -Infinity;
  /** Versions of other nodes' lists that a read has brought before any message; that may be on its way still. */
  #unheard: Map<string, number> | undefined;

  constructor(name: string, keys: RoomKeys, owner: RoomOwner) {
    this.name = name;
    this.keys = keys;
    this.#owner = owner;
    this.replica = new RoomReplica(owner.stamps);
    this.#pacer = new Pacer(owner.clock, () => this.#send());
    if (owner.connection() === undefined) this.#known = true;
    else this.#stopWaiting = owner.clock.schedule(() => this.becomeKnown(), owner.timing.firstRead);
  }

  /** What other nodes hold is known, or nobody can be asked. */
  get known(): boolean {
    return this.#known;
  }

  join(name: string): void {
    this.#stopLingering?.();
    this.#stopLingering = undefined;
    this.replica.join(name);
    this.#ownChanged();
  }

  leave(name: string): void {
    this.replica.leave(name);
    this.#ownChanged();
  }

  /** Takes another node's list out of a message. */
  receive(message: Message): void {
    if (this.#unheard?.get(message.node) === message.version) this.#unheard.delete(message.node);
    this.#take(message);
  }

  /** Our own list has come back: so long does it take until the others have it. */
  cameBack(version: number): void {
    if (this.#sent === undefined || version < this.#sent.version) return;
    this.#owner.propagated(this.#owner.clock.now() - this.#sent.changedAt);
    this.#sent = undefined;
  }

  /** A node is dead. */
  forget(node: string): void {
    if (this.replica.forget(node)) this.#owner.changed(this);
  }

  becomeKnown(): void {
    if (this.#known) return;
    this.#known = true;
    this.#stopWaiting?.();
    this.#owner.changed(this);
  }

  /** The version of our list that Redis has confirmed: a read that is sent now finds it or a newer one. */
  get storedVersion(): number {
    return this.#storedVersion;
  }

  /**
   * Takes what Redis holds of the other nodes.
   * @returns whether the read before this one had brought a list of which no message has told until now
   */
  takeRead(fields: Readonly<Record<string, string>>, isLiving: (node: string) => boolean): boolean {
    const hasRepaired = (this.#unheard?.size ?? 0) > 0;
    this.#unheard = undefined;
    for (const [node, text] of Object.entries(fields)) {
      if (node === this.#owner.self || !isLiving(node)) continue;
      if (peekHead(text)?.version === this.replica.versionOf(node)) continue;
      const message = decodeMessage(text);
      if (message?.node !== node || !this.#take(message)) continue;
      this.#unheard ??= new Map();
      this.#unheard.set(node, message.version);
    }
    return hasRepaired;
  }

  /** The room has been read over a new connection: its own list follows, whatever Redis had of it. */
  announceOn(connection: Connection): void {
    this.#readOn = connection;
    this.#unheard = undefined;
    const moved = !this.#everRead && this.replica.restampOwn();
    this.#everRead = true;
    if (moved && this.#known) this.#owner.changed(this);
    this.becomeKnown();
    this.#ownChanged();
    this.#pacer.release();
  }

  /** Redis has lost our list. */
  restore(): void {
    this.#pacer.changed();
  }

  /** Whether our field has been in Redis for so long. */
  storedFor(milliseconds: number): boolean {
    return this.#owner.clock.now() - this.#storedSince >= milliseconds;
  }

  /** Lets Redis keep the room for some time more, half of which may pass before that is asked for again. */
  async keep(connection: Connection): Promise<void> {
    const { clock, timing } = this.#owner;
    const time = KEPT_REREADS * timing.reread;
    if (clock.now() - this.#keptAt < time / 2) return;
    this.#keptAt = clock.now();
    await connection.expire(this.keys.hash, time);
  }

  /** The connection is lost: nothing can be sent, and nobody waits for a read. */
  linkLost(): void {
    this.#pacer.hold();
    this.subscribedOn = undefined;
    this.#readOn = undefined;
    this.#storedSince = Infinity;
    this.#keptAt = -Infinity;
    this.#sent = undefined;
    this.becomeKnown();
  }

  /** No more timers. */
  close(): void {
    this.#pacer.hold();
    this.#stopWaiting?.();
    this.#stopLingering?.();
  }

  /** The last message of a node that stops: it holds nothing here any more. */
  async sayGoodbye(connection: Connection): Promise<void> {
    const { self } = this.#owner;
    const nothing = encodeMessage({ node: self, version: this.#owner.nextVersion(), streams: new Map() });
    await Promise.all([
      connection.publish(this.keys.channel, nothing),
      connection.deleteFields(this.keys.hash, [self]),
    ]);
  }

  /** @returns whether it was newer than what was known */
  #take(message: Message): boolean {
    const { isNew, rosterChanged, ownChanged } = this.replica.receive(message);
    if (ownChanged) this.#ownChanged();
    if (rosterChanged) this.#owner.changed(this);
    return isNew;
  }

  #ownChanged(): void {
    this.#changedAt ??= this.#owner.clock.now();
    this.#pacer.changed();
  }

  async #send(): Promise<number> {
    const connection = this.#readOn;
    if (connection === undefined) throw new Error('the room is not in sync');
    try {
      return await this.#sendOver(connection);
    } catch (error) {
      connection.destroy(toError(error));
      throw error;
    }
  }

  async #sendOver(connection: Connection): Promise<number> {
    const { self, clock, timing } = this.#owner;
    const version = this.#owner.nextVersion();
    const streams = this.replica.own;
    const isEmpty = streams.size === 0;
    const text = encodeMessage({ node: self, version, streams });
    this.#sent = { version, changedAt: this.#changedAt ?? clock.now() };
    this.#changedAt = undefined;
    const { hash, channel } = this.keys;
    const isNewField = await connection.storeAndPublish(hash, self, channel, text);
    if (isNewField) {
      this.#keptAt = -Infinity;
      await this.keep(connection);
      this.#storedSince = clock.now();
    } else if (this.#storedSince === Infinity) {
      this.#storedSince = clock.now();
    }
    this.#storedVersion = version;
    this.#owner.published();
    if (isEmpty) this.#linger(connection);
    return text.length > BIG ? timing.bigPause : timing.pause;
  }

  /** Follows the room for a while yet: others must hear that it is empty here, and people often come back. */
  #linger(connection: Connection): void {
    this.#stopLingering?.();
    this.#stopLingering = this.#owner.clock.schedule(() => {
      const isDeserted = this.replica.own.size === 0 && this.#pacer.idle && this.#readOn === connection;
      if (isDeserted) this.#owner.deserted(this);
    }, this.#owner.timing.linger);
  }
}
