/** What this node holds in one room, as it is told to the others: sent, stored, kept, and sent again. */
import type { Clock } from '../clock';
import { type Connection, KeyRefusal } from './connection';
import type { RoomKeys } from './keys';
import { encodeMessage, type StampedStreams } from './message';
import { Pacer } from './pacer';
import { toError } from './problems';
import { STORE, TAKE_OUT } from './scripts';
import type { Timing } from './timing';

/** Characters of a message above which a room's list is a big one. */
const BIG = 64 * 1024;

/** Redis keeps a room that no node keeps any more for as long as this many reads would take. */
const KEPT_REREADS = 4;

/** What a list asks of the node whose it is. */
export interface ListOwner {
  /** This node's name among the others. */
  readonly self: string;
  readonly clock: Clock;
  readonly timing: Timing;
  /** The format that all nodes understand. */
  format(): number;
  nextVersion(): number;
  /** The largest version and stamp that can be. */
  mostThatCanBe(): number;
  /** Somebody has sent lists in our name: ours are newer from now on. */
  versionSeen(version: number): void;
  published(): void;
  propagated(milliseconds: number): void;
}

export interface OwnListParts {
  readonly owner: ListOwner;
  readonly keys: RoomKeys;
  readonly streams: StampedStreams;
  /** The list is in Redis, and empty. */
  readonly onEmptyStored: () => void;
  readonly onRefused: (why: KeyRefusal) => void;
}

export class OwnList {
  readonly #parts: OwnListParts;
  readonly #pacer: Pacer;
  /** The connection over which the room has been read, so that the list may be sent. */
  #connection: Connection | undefined;
  /** When the oldest change was made that is not sent yet. */
  #changedAt: number | undefined;
  #lastChangeAt: number;
  /** The list that was sent last, until it comes back. */
  #sent: { readonly version: number; readonly changedAt: number } | undefined;
  #lastVersion = 0;
  #storedVersion = 0;
  /** Since when it has been in Redis. */
  #storedSince = Infinity;
  /** When Redis was last told to keep the room. */
  #keptAt = -Infinity;

  constructor(parts: OwnListParts) {
    this.#parts = parts;
    this.#lastChangeAt = parts.owner.clock.now();
    this.#pacer = new Pacer(parts.owner.clock, () => this.#send());
  }

  /** The version that Redis has confirmed: a read that is sent now finds it or a newer one. */
  get storedVersion(): number {
    return this.#storedVersion;
  }

  /** Nothing waits to be sent or to be answered. */
  get idle(): boolean {
    return this.#pacer.idle;
  }

  /** When a member has come or gone last. */
  get lastChangeAt(): number {
    return this.#lastChangeAt;
  }

  /** It is another list. */
  changed(): void {
    this.#lastChangeAt = this.#parts.owner.clock.now();
    this.#changedAt ??= this.#lastChangeAt;
    this.#pacer.changed();
  }

  /** The same list is said again: Redis, or somebody else, has lost it. */
  sayAgain(): void {
    this.#pacer.changed();
  }

  /** From now on it may be sent over this connection, and is. */
  release(connection: Connection): void {
    this.#connection = connection;
    this.#pacer.changed();
    this.#pacer.release();
  }

  /** Nothing can be sent. */
  hold(): void {
    this.#connection = undefined;
    this.#pacer.hold();
    this.#storedSince = Infinity;
    this.#keptAt = -Infinity;
    this.#sent = undefined;
  }

  /** A message in our name has come: so long does it take until the others have it. */
  cameBack(version: number): void {
    const { owner } = this.#parts;
    if (this.denies(version) || this.#sent === undefined || version < this.#sent.version) return;
    owner.propagated(owner.clock.now() - this.#sent.changedAt);
    this.#sent = undefined;
  }

  /** @returns whether it is a version that we have never sent: then ours is said again, as a newer one */
  denies(version: number): boolean {
    const { owner } = this.#parts;
    if (version <= this.#lastVersion) return false;
    // What cannot be, the others have not taken; but it stands in the place of ours.
    if (version <= owner.mostThatCanBe()) owner.versionSeen(version);
    this.sayAgain();
    return true;
  }

  /** Whether it has been in Redis for so long. */
  storedFor(milliseconds: number): boolean {
    return this.#parts.owner.clock.now() - this.#storedSince >= milliseconds;
  }

  /** Lets Redis keep the room for some time more, half of which may pass before that is asked for again. */
  async keep(connection: Connection): Promise<void> {
    const { owner, keys, streams } = this.#parts;
    if (streams.size === 0 || owner.clock.now() - this.#keptAt < this.#keptFor / 2) return;
    this.#keptAt = owner.clock.now();
    if (!(await connection.expire(keys.hash, this.#keptFor))) this.sayAgain();
  }

  /**
   * The last message of a node that stops.
   * @param grace milliseconds for which the streams stay listed; none where they go at once
   */
  async sayGoodbye(connection: Connection, grace: number | undefined): Promise<void> {
    const { owner, keys, streams } = this.#parts;
    this.hold();
    const version = owner.nextVersion();
    const head = { node: owner.self, version };
    if (grace === undefined || streams.size === 0) {
      const nothing = encodeMessage({ ...head, streams: new Map() }, owner.format());
      await connection.run(TAKE_OUT, [keys.hash], [owner.self, nothing, keys.channel]);
      return;
    }
    await this.#store(connection, encodeMessage({ ...head, streams, grace }, owner.format()));
  }

  get #keptFor(): number {
    return KEPT_REREADS * this.#parts.owner.timing.reread;
  }

  async #send(): Promise<number> {
    const connection = this.#connection;
    if (connection === undefined) throw new Error('the room is not in sync');
    try {
      return await this.#sendOver(connection);
    } catch (error) {
      if (error instanceof KeyRefusal) this.#parts.onRefused(error);
      else connection.destroy(toError(error));
      throw error;
    }
  }

  async #sendOver(connection: Connection): Promise<number> {
    const { owner, streams, onEmptyStored } = this.#parts;
    const { self, clock, timing } = owner;
    const version = owner.nextVersion();
    const isEmpty = streams.size === 0;
    const text = encodeMessage({ node: self, version, streams }, owner.format());
    this.#sent = { version, changedAt: this.#changedAt ?? clock.now() };
    this.#lastVersion = version;
    this.#changedAt = undefined;
    const askedAt = clock.now();
    const isNew = await this.#store(connection, text);
    if (this.#connection === connection) {
      this.#keptAt = askedAt;
      if (isNew || this.#storedSince === Infinity) this.#storedSince = clock.now();
    }
    this.#storedVersion = version;
    owner.published();
    if (isEmpty && this.#connection === connection) onEmptyStored();
    return text.length > BIG ? timing.bigPause : timing.pause;
  }

  /** @returns whether Redis had no list of ours, as when it has lost it */
  async #store(connection: Connection, text: string): Promise<boolean> {
    const { owner, keys } = this.#parts;
    const args = [owner.self, text, String(this.#keptFor), keys.channel];
    return (await connection.run(STORE, [keys.hash], args)) === 1;
  }
}
