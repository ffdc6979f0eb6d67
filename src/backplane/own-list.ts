/** What this node holds in one room, as it is told to the others: sent, stored, kept, and sent again. */
import type { Clock } from '../clock';
import { type Connection, KeyRefusal } from './connection';
import type { RoomKeys } from './keys';
import { type ListSizes, ListWriter } from './list-writer';
import { encodeMessage } from './message';
import type { OwnStreams } from './own-streams';
import { Pacer } from './pacer';
import { toError } from './problems';
import { KEEP, STORE, TAKE_OUT } from './scripts';
import type { Timing } from './timing';

/** Characters of a message after which the pause is the longest. */
const BIG = 64 * 1024;

/** Redis keeps a room that no node keeps any more for as long as this many reads would take. */
const KEPT_REREADS = 4;

/** What a list asks of the node whose it is. */
export interface ListOwner {
  /** This node's name among the others. */
  readonly self: string;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly sizes: ListSizes;
  /** The format that all nodes understand. */
  format(): number;
  nextVersion(): number;
  /** The largest version and stamp that can be. */
  mostThatCanBe(): number;
  /** Somebody has sent lists in our name: ours are newer from now on. */
  versionSeen(version: number): void;
  published(room: string, version: number): void;
  propagated(milliseconds: number): void;
}

export interface OwnListParts {
  readonly owner: ListOwner;
  readonly room: string;
  readonly keys: RoomKeys;
  readonly streams: OwnStreams;
  /** The list is in Redis, and empty. */
  readonly onEmptyStored: () => void;
  readonly onRefused: (why: KeyRefusal) => void;
}

export class OwnList {
  readonly #parts: OwnListParts;
  readonly #pacer: Pacer;
  readonly #writer: ListWriter;
  /** The connection over which the room has been read, so that the list may be sent. */
  #connection: Connection | undefined;
  /** When the oldest change was made that is not sent yet. */
  #changedAt: number | undefined;
  #lastChangeAt: number;
  /** The list that was sent last, until it comes back. */
  #sent: { readonly version: number; readonly changedAt: number } | undefined;
  #lastVersion = 0;
  /** Since when it has been in Redis. */
  #storedSince = Infinity;
  #lost = { at: -Infinity, after: -Infinity };
  #confirmedAt = -Infinity;
  /** When Redis was last told to keep the room. */
  #keptAt = -Infinity;

  constructor(parts: OwnListParts) {
    this.#parts = parts;
    this.#lastChangeAt = parts.owner.clock.now();
    const { self, clock, timing, sizes } = parts.owner;
    this.#pacer = new Pacer(clock, timing.burst, () => this.#send());
    this.#writer = new ListWriter({
      ...{ self, sizes, keys: parts.keys, streams: parts.streams, keptFor: this.#keptFor },
      format: () => parts.owner.format(),
    });
  }

  /** The version that Redis has confirmed: a read that is sent now finds it or a newer one. */
  get storedVersion(): number {
    return this.#writer.version;
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
    this.#writer.startAnew();
    this.#pacer.changed();
  }

  /** From now on it may be sent over this connection, and is. */
  release(connection: Connection): void {
    this.#connection = connection;
    this.#writer.startAnew();
    this.#pacer.changed();
    this.#pacer.release();
  }

  /** Nothing can be sent. */
  hold(): void {
    this.#connection = undefined;
    this.#writer.startAnew();
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

  /** When Redis was found to have lost it, and when it was last known to have it before that. */
  get lost(): { readonly at: number; readonly after: number } {
    return this.#lost;
  }

  /** Sees to it that Redis keeps the room, where that was asked for some time ago: called every reread, it does every second time. */
  async keep(connection: Connection): Promise<void> {
    const { clock, timing } = this.#parts.owner;
    if (clock.now() - this.#keptAt >= 1.5 * timing.reread) await this.check(connection);
  }

  /** Redis has just been told to keep the room, so that it is not asked again so soon. */
  get isJustKept(): boolean {
    const { clock, timing } = this.#parts.owner;
    return clock.now() - this.#keptAt < timing.refresh;
  }

  /** Lets Redis keep the room for some time more, and says the list again where Redis does not have it. */
  async check(connection: Connection): Promise<void> {
    const { owner, keys, streams } = this.#parts;
    if (streams.size === 0 || this.isJustKept) return;
    this.#keptAt = owner.clock.now();
    const { storedVersion } = this;
    const found = Number((await connection.run(KEEP, [keys.hash], [owner.self, String(this.#keptFor)])) ?? 0);
    if (found < storedVersion) this.sayAgain();
    else {
      this.#confirmedAt = owner.clock.now();
      this.denies(found);
    }
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
    const text = encodeMessage({ ...head, streams, grace }, owner.format());
    await connection.run(STORE, [keys.hash], [owner.self, text, String(this.#keptFor), keys.channel]);
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
    const { owner, room, streams, onEmptyStored } = this.#parts;
    const { clock, timing } = owner;
    const version = owner.nextVersion();
    const isEmpty = streams.size === 0;
    this.#sent = { version, changedAt: this.#changedAt ?? clock.now() };
    this.#lastVersion = version;
    this.#changedAt = undefined;
    const askedAt = clock.now();
    const wasStored = this.storedVersion > 0;
    const { isNew, length } = await this.#writer.write(connection, version);
    if (this.#connection === connection) {
      this.#keptAt = askedAt;
      if (isNew || this.#storedSince === Infinity) this.#storedSince = clock.now();
    }
    if (isNew && wasStored) this.#lost = { at: clock.now(), after: this.#confirmedAt };
    this.#confirmedAt = clock.now();
    owner.published(room, version);
    if (isEmpty && this.#connection === connection) onEmptyStored();
    return Math.min(timing.pause + (timing.bigPause * length) / BIG, timing.bigPause);
  }
}
