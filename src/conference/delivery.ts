/**
 * Who is told what, and when. Telling a room of n costs n writes, so a storm of n joins, each told to all, costs n².
 * Small rooms are told every change at once. Large rooms that have something to tell take turns, in slices of a few
 * milliseconds, and all of them together get about a third of the time: no room delays another by more than a slice.
 * Where all members were told, the room rests before it tells what has changed meanwhile.
 */
import type { Clock } from '../clock';
import type { Asker } from './askers';
import { Credit } from './credit';
import type { InFlight } from './in-flight';
import { Rests } from './rests';
import type { Member, Room } from './rooms';
import { Telling } from './telling';

/** Members of a room that is told every change at once, whatever else goes on. */
export const SMALL = 50;
/** Milliseconds that large rooms may tell in one turn of the loop. */
export const SLICE = 5;
/** The roster of a room in which nobody takes one. */
export const NO_ROSTER = new Uint8Array(0);

/** A member that can be told: its socket, as far as the conference knows it. */
export interface Receiver extends Member {
  /** The change of its room that it was told last: the delivery's own note. */
  told: number;
  /**
   * Sends a roster. Never throws, never waits, and calls nobody back.
   * @returns whether it was sent. Where it was not, the member is behind: it has not taken its last roster, or its
   *   address has had its share. It asks `Delivery.catchUp` for the newest one as soon as it can take one.
   */
  take(roster: Uint8Array): boolean;
  /** Only of members that speak `conference.2`, which take what has changed instead of a roster. */
  readonly asker?: Asker;
}

export interface DeliveryParts<R extends Receiver> {
  readonly clock: Clock;
  readonly inFlight: InFlight;
  /** The present roster of a room, as the bytes that every receiver takes. */
  readonly encode: (room: Room<R>) => Uint8Array;
  /** A roster was handed to so many members, in so many milliseconds; those that follow the changes are not counted. */
  readonly onTold: (receivers: number, bytes: number, duration: number) => void;
}

export class Delivery<R extends Receiver> {
  readonly #parts: DeliveryParts<R>;
  /** Pieces of large rosters whose members can take another one. */
  readonly #pieces = new Set<() => void>();
  /** The room whose turn is next comes first. */
  readonly #tellings = new Map<Room<R>, Telling<R>>();
  readonly #rests: Rests<R>;
  /**
   * The present rosters of large rooms; none until somebody is told. Members that catch up long after a pass share it
   * with each other: thousands of copies would take gigabytes, and seconds to make.
   */
  readonly #rosters = new WeakMap<Room<R>, Uint8Array>();
  /** Counts the changes of large rooms. */
  #lastChange = 0;
  readonly #credit = new Credit();
  #cancelTurn: (() => void) | undefined;
  #closed = false;

  constructor(parts: DeliveryParts<R>) {
    this.#parts = parts;
    this.#rests = new Rests(parts.clock, (telling) => {
      this.#begin(telling);
      this.#scheduleTurn();
    });
    parts.inFlight.onRoom = () => this.#scheduleTurn();
  }

  /**
   * The room has changed: all its members hear of it.
   * @param newcomer who joined, where that is the change
   * @returns whether this change shares the roster of one that still waits to be told
   */
  changed(room: Room<R>, newcomer?: R): boolean {
    if (this.#closed) return false;
    const hasTold = this.#rosters.delete(room);
    if (room.members.size <= SMALL) {
      this.#tellings.delete(room);
      this.#rests.forget(room);
      this.#tellAtOnce(room);
      return false;
    }
    this.#lastChange++;
    const waiting = this.#tellings.get(room) ?? this.#rests.get(room);
    const telling = waiting ?? new Telling(room, this.#lastChange);
    telling.changed(this.#lastChange, newcomer);
    if (waiting === undefined) this.#begin(telling);
    if (this.#tellings.has(room) && !this.#mustWait()) this.#tellForAWhile(telling, SLICE);
    this.#scheduleTurn();
    return waiting !== undefined && !hasTold;
  }

  /** A member that was behind can take a roster again, and gets the newest there is. */
  catchUp(room: Room<R>, member: R): void {
    if (this.#closed) return;
    const { clock, onTold } = this.#parts;
    const startedAt = clock.now();
    const roster = this.#rosterOf(room);
    if (!member.take(roster)) return;
    member.told = this.#lastChange;
    onTold(member.asker === undefined ? 1 : 0, roster.length, clock.now() - startedAt);
  }

  /**
   * A member of a large room can take another piece of its roster: it is sent at once, or when it is its turn. Left to
   * themselves, thousands of sockets that drain at the same time would take as long as telling all of them in one go.
   */
  inTurn(send: () => void): void {
    const now = this.#parts.clock.now();
    if (this.#closed) {
      send();
    } else if (this.#pieces.size === 0 && this.#credit.isGood(now)) {
      send();
      this.#credit.spend(this.#parts.clock.now() - now, this.#parts.clock.now());
    } else {
      this.#pieces.add(send);
      this.#scheduleTurn();
    }
  }

  /** The room is empty: nobody is left to tell. */
  forget(room: Room<R>): void {
    this.#tellings.delete(room);
    if (this.#tellings.size === 0 && this.#pieces.size === 0) this.#stopTurns();
  }

  /** Nobody is told anything any more; what is half said is finished. */
  close(): void {
    this.#closed = true;
    this.#tellings.clear();
    this.#rests.clear();
    this.#stopTurns();
    for (const send of this.#pieces) send();
    this.#pieces.clear();
  }

  #tellAtOnce(room: Room<R>): void {
    const { clock, encode, onTold } = this.#parts;
    const startedAt = clock.now();
    const roster = encode(room);
    let receivers = 0;
    for (const member of room.members) if (member.take(roster) && member.asker === undefined) receivers++;
    onTold(receivers, roster.length, clock.now() - startedAt);
  }

  /** Unless its room rests, it takes turns with the others from now on. */
  #begin(telling: Telling<R>): void {
    if (!this.#rests.hold(telling)) this.#tellings.set(telling.room, telling);
  }

  /** Whether large rooms have had their share of the time, or what they told is still on its way. */
  #mustWait(): boolean {
    const { clock, inFlight } = this.#parts;
    return !this.#credit.isGood(clock.now()) || inFlight.isUsedUp;
  }

  #scheduleTurn(): void {
    const { clock, inFlight } = this.#parts;
    const isIdle = this.#pieces.size === 0 && (this.#tellings.size === 0 || inFlight.isUsedUp);
    if (isIdle || this.#cancelTurn !== undefined) return;
    this.#cancelTurn = clock.schedule(() => this.#timerOnTurn(), this.#credit.wait(clock.now()));
  }

  #stopTurns(): void {
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
  }

  /**
   * Who is not through goes to the end of the line. What was begun is finished first, but thousands of sockets that
   * drain never take the whole slice from rooms that have something to tell.
   */
  #timerOnTurn(): void {
    this.#cancelTurn = undefined;
    const { clock, inFlight } = this.#parts;
    const startedAt = clock.now();
    // A timer may come a fraction of a millisecond early.
    if (this.#credit.isGood(startedAt)) {
      const until = startedAt + SLICE;
      const mayTell = this.#tellings.size > 0 && !inFlight.isUsedUp;
      this.#sendPieces(mayTell ? startedAt + SLICE / 2 : until);
      this.#tellUntil(until);
    }
    this.#scheduleTurn();
  }

  #tellUntil(until: number): void {
    const { clock, inFlight } = this.#parts;
    for (const telling of this.#tellings.values()) {
      const now = clock.now();
      if (now >= until || inFlight.isUsedUp) return;
      this.#tellForAWhile(telling, until - now);
    }
  }

  #sendPieces(until: number): void {
    const { clock, onTold } = this.#parts;
    const startedAt = clock.now();
    let now = startedAt;
    for (const send of this.#pieces) {
      if (now >= until) break;
      this.#pieces.delete(send);
      send();
      now = clock.now();
    }
    if (now === startedAt) return;
    this.#credit.spend(now - startedAt, now);
    onTold(0, 0, now - startedAt);
  }

  /**
   * Tells newcomers first, then goes on with the pass. A room that is through rests.
   * @param duration milliseconds, without those for making the roster: in a room that changes all the time, nobody would
   *   be told in a slice that this uses up
   */
  #tellForAWhile(telling: Telling<R>, duration: number): void {
    const { clock, inFlight, onTold } = this.#parts;
    const startedAt = clock.now();
    const roster = this.#rosterOf(telling.room);
    let now = clock.now();
    const until = now + duration;
    let told = 0;
    let receivers = 0;
    let member = telling.next();
    while (member !== undefined) {
      if (member.take(roster)) {
        member.told = telling.change;
        told++;
        if (member.asker === undefined) receivers++;
      }
      now = clock.now();
      if (now >= until || inFlight.isUsedUp) break;
      member = telling.next();
    }
    this.#credit.spend(now - startedAt, now);
    telling.cost += now - startedAt;
    this.#tellings.delete(telling.room);
    if (member !== undefined) this.#tellings.set(telling.room, telling);
    else this.#rest(telling);
    if (told > 0) onTold(receivers, roster.length, now - startedAt);
  }

  #rest({ room, cost, change, isOutdated }: Telling<R>): void {
    this.#rests.begin(room, cost);
    if (isOutdated) this.#begin(new Telling(room, change));
  }

  #rosterOf(room: Room<R>): Uint8Array {
    const known = this.#rosters.get(room);
    if (known !== undefined) return known;
    const roster = this.#parts.encode(room);
    if (room.members.size > SMALL && roster !== NO_ROSTER) this.#rosters.set(room, roster);
    return roster;
  }
}
