/** Who speaks `conference.2`, room by room. A room in which nobody does has no entry, and nothing is compared for it. */

import { RoomChanges } from './changes';
import type { Receiver } from './delivery';
import type { Member, Room, RosterStream } from './rooms';

/** What they were sent lately. */
export interface SentChanges {
  readonly receivers: number;
  /** Bytes, all together. */
  readonly bytes: number;
}

export interface AskersParts {
  readonly encode: (json: string) => Uint8Array;
  readonly streams: (room: Room<Member>) => Iterable<RosterStream>;
}

interface Entry {
  readonly changes: RoomChanges;
  members: number;
}

export class Askers {
  readonly #parts: AskersParts;
  readonly #rooms = new Map<Room<Member>, Entry>();
  #receivers = 0;
  #bytes = 0;

  constructor(parts: AskersParts) {
    this.#parts = parts;
  }

  /** A member has joined. */
  admit(room: Room<Member>, member: Receiver): void {
    if (member.follow === undefined) return;
    const entry = this.#rooms.get(room) ?? this.#open(room);
    entry.members++;
    member.follow(entry.changes, (bytes) => this.#sent(bytes));
  }

  /** A member has left. */
  depart(room: Room<Member>, member: Receiver): void {
    const entry = member.follow === undefined ? undefined : this.#rooms.get(room);
    if (entry === undefined) return;
    entry.members--;
    if (entry.members === 0) this.#rooms.delete(room);
  }

  changed(room: Room<Member>): void {
    this.#rooms.get(room)?.changes.changed();
  }

  /** Whether nobody in the room takes plain rosters. */
  areAllOf(room: Room<Member>): boolean {
    return this.#rooms.get(room)?.members === room.members.size;
  }

  /** What they were sent since this was asked last; undefined where that is nothing. */
  takeSent(): SentChanges | undefined {
    if (this.#receivers === 0) return undefined;
    const sent = { receivers: this.#receivers, bytes: this.#bytes };
    this.#receivers = 0;
    this.#bytes = 0;
    return sent;
  }

  #open(room: Room<Member>): Entry {
    const { encode, streams } = this.#parts;
    const changes = new RoomChanges({ room: room.encoded, streams: () => streams(room), encode });
    const entry = { changes, members: 0 };
    this.#rooms.set(room, entry);
    return entry;
  }

  #sent(bytes: number): void {
    this.#receivers++;
    this.#bytes += bytes;
  }
}
