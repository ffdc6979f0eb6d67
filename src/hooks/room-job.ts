/** Tells one room's events, one after the other. */
import type { Account, Ledger } from '../conference/ledger';
import { confirmed, type Message, messageOf, UNKNOWN, withEvent } from './account';
import type { Job, Turn } from './courier';
import type { Failure } from './receiver';

export interface RoomJobParts {
  /** Undefined where this node is alone. */
  readonly ledger: Ledger | undefined;
  /** Whom its roster lists; undefined where only other nodes know. */
  readonly listed: (room: string) => readonly string[] | undefined;
  /** A number for the next event. */
  readonly nextSeq: (after: number) => number;
  readonly deliver: (message: Message) => Promise<Failure>;
  /** Whether this job is the one that speaks for the room. */
  readonly isCurrent: (job: RoomJob) => boolean;
  /** The ledger has failed. */
  readonly onFailure: (error: unknown) => void;
  /** There is nothing left to tell or to remember of it. */
  readonly finished: (job: RoomJob) => void;
}

/** Gone (RFC 9110, section 15.5.11): the receiver does not want any more. */
export const GONE = 410;
/** Milliseconds between two lists of a room: what changes meanwhile shares the next. */
const LEAST_REST = 25;
/** Bytes a millisecond that one room may send: a long list is told less often. */
const PACE = 1_000;

export class RoomJob implements Job {
  readonly room: string;
  /** Since when something is to be told, by the clock; undefined where nothing is. */
  since: number | undefined;
  /** Another node speaks for the room. */
  isForeign = false;
  readonly #parts: RoomJobParts;
  #account = UNKNOWN;
  #isOurs: boolean;
  #isRunning = false;

  constructor(room: string, parts: RoomJobParts) {
    this.room = room;
    this.#parts = parts;
    this.#isOurs = parts.ledger === undefined;
  }

  /** It has its turn just now, which ends with what is true then. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Others may speak for it by now. */
  doubt(): void {
    this.isForeign = false;
    this.#isOurs = this.#parts.ledger === undefined;
  }

  async turn(): Promise<Turn> {
    if (!this.#parts.isCurrent(this)) return 'idle';
    this.#isRunning = true;
    try {
      return await this.#turn();
    } catch (error) {
      // The ledger cannot be reached: all rooms get their turn again once it can.
      this.#parts.onFailure(error);
      return 'idle';
    } finally {
      this.#isRunning = false;
    }
  }

  /** Leaves the room to the nodes that know it. Not while it has its turn, which does the same. */
  async leave(): Promise<void> {
    const wasOurs = this.#isOurs;
    this.#isOurs = false;
    this.#parts.finished(this);
    if (wasOurs) await this.#parts.ledger?.release([this.room]);
  }

  /** @returns whether this node spoke for the room: the caller tells the ledger of all of them */
  giveUp(): boolean {
    const wasOurs = this.#isOurs;
    this.#isOurs = false;
    return wasOurs;
  }

  async #turn(): Promise<Turn> {
    const { ledger, listed, deliver, nextSeq } = this.#parts;
    if (ledger !== undefined && !(await this.#claim(ledger))) return 'idle';
    const streams = listed(this.room);
    if (streams === undefined) {
      await this.leave();
      return 'idle';
    }
    const next = withEvent(this.#account, streams, Date.now(), nextSeq);
    const { event } = next;
    if (event === undefined) return this.#settle();
    if (next !== this.#account) {
      if (!(await this.#save(next))) return 'again';
      this.#account = next;
    }
    // Whoever has not been heard for too long may have a successor.
    if (ledger?.isLinked === false) return 'idle';
    const message = messageOf(this.room, event, next.streams);
    const failure = await deliver(message);
    if (failure !== undefined) return failure.status === GONE ? 'gone' : 'failed';
    this.#account = confirmed(next);
    // Where that is lost, the same event is sent once more.
    this.#save(this.#account).catch(() => {});
    const isList = event.type === 'roster.changed';
    return { rest: isList ? Math.max(LEAST_REST, message.body.length / PACE) : 0 };
  }

  async #claim(ledger: Ledger): Promise<boolean> {
    if (this.#isOurs) return true;
    if (!ledger.isLinked) return false;
    const claimed = await ledger.claim(this.room);
    this.#isOurs = claimed !== undefined;
    this.isForeign = !this.#isOurs;
    if (claimed === undefined) this.since = undefined;
    else this.#account = newer(claimed.account, this.#account);
    return this.#isOurs;
  }

  async #save(account: Account): Promise<boolean> {
    const { ledger } = this.#parts;
    if (ledger === undefined || (await ledger.save(this.room, account))) return true;
    this.#isOurs = false;
    return false;
  }

  async #settle(): Promise<Turn> {
    this.since = undefined;
    if (this.#account.isOpen) return 'idle';
    if (this.#parts.ledger !== undefined) {
      await this.#parts.ledger.settle(this.room, this.#account);
      this.#isOurs = false;
      if (this.#parts.listed(this.room)?.length !== 0) return 'again';
    }
    this.#parts.finished(this);
    return 'idle';
  }
}

/** What this node remembers counts where the ledger has lost it. */
function newer(kept: Account | undefined, own: Account): Account {
  return kept === undefined || kept.seq < own.seq ? own : kept;
}
