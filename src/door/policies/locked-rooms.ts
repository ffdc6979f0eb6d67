/** The rooms that are locked, and who is not new in each. While there are any, the nodes tell each other their guests. */
import type { Clock } from '../../clock';
import type { Person } from './bans';
import { Departures } from './departures';
import { BELIEVED, Guests, TELL } from './guests';
import { guestsKey } from './orders';

/** Milliseconds. */
const SOON = 50;

export interface LockedRoomsParts {
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** This node's name among the others. */
  readonly node: string;
  readonly isLocked: (room: string) => boolean;
  /** The members of a room on this node. */
  readonly members: (room: string) => Iterable<Person>;
  /** Tells the other nodes; undefined where there are none. */
  readonly tell: ((key: string, value: string | undefined, ends: number) => void) | undefined;
}

interface LockedRoom {
  readonly guests: Guests;
  /** Those of this node are in it: the lock is known, not only what others have told. */
  isLocked: boolean;
  /** The other nodes are about to hear of a removal. */
  isToldSoon: boolean;
}

export class LockedRooms {
  readonly #parts: LockedRoomsParts;
  readonly #departures = new Departures();
  readonly #rooms = new Map<string, LockedRoom>();
  #cancel: (() => void) | undefined;

  constructor(parts: LockedRoomsParts) {
    this.#parts = parts;
  }

  isGuest(person: Person): boolean {
    return this.#rooms.get(person.room)?.guests.isKnown(person, this.#parts.now()) ?? false;
  }

  joined(member: Person): void {
    const room = this.#rooms.get(member.room);
    if (room?.isLocked) room.guests.joined(member);
  }

  /** @param isRemoved by an operator: then it is new */
  left(member: Person, isRemoved: boolean): void {
    const now = this.#parts.now();
    this.#departures.add(member, now, isRemoved);
    const room = this.#rooms.get(member.room);
    if (!room?.isLocked) return;
    room.guests.left(member, now);
    if (!isRemoved) return;
    room.guests.removed(member, now);
    room.isToldSoon ||= this.#tellSoon(member.room, room);
  }

  lock(name: string): void {
    const room = this.#room(name);
    if (room.isLocked) return;
    room.isLocked = true;
    for (const member of this.#parts.members(name)) room.guests.joined(member);
    for (const { person, at, isRemoved } of this.#departures.of(name)) {
      if (isRemoved) room.guests.removed(person, at);
      else room.guests.leftBefore(person, at);
    }
    this.#tell(name, room);
  }

  unlock(name: string): void {
    this.#rooms.delete(name);
  }

  /** What another node has told of its guests, which may come before the lock. */
  hear(node: string, name: string, told: string | undefined, until: number): void {
    if (node !== this.#parts.node) this.#room(name).guests.hear(node, told, until);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #room(name: string): LockedRoom {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    const room = { guests: new Guests(), isLocked: false, isToldSoon: false };
    this.#rooms.set(name, room);
    this.#cancel ??= this.#later();
    return room;
  }

  #later(): () => void {
    return this.#parts.clock.schedule(() => this.#onTime(), TELL);
  }

  #onTime(): void {
    for (const [name, room] of this.#rooms) {
      if (this.#parts.isLocked(name)) this.#tell(name, room);
      else this.#rooms.delete(name);
    }
    this.#cancel = this.#rooms.size === 0 ? undefined : this.#later();
  }

  /** A crowd that is removed is told once. */
  #tellSoon(name: string, room: LockedRoom): true {
    this.#parts.clock.schedule(() => {
      room.isToldSoon = false;
      if (this.#rooms.get(name) === room) this.#tell(name, room);
    }, SOON);
    return true;
  }

  #tell(name: string, { guests }: LockedRoom): void {
    const now = this.#parts.now();
    const told = guests.told(now);
    if (told !== undefined) this.#parts.tell?.(guestsKey(this.#parts.node, name), told, now + BELIEVED);
  }
}
