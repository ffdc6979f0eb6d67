/** Who speaks `conference.2`, room by room. A room in which nobody does has no entry, and nothing is compared for it. */
import { RoomChanges } from './changes';
import type { Receiver } from './delivery';
import type { Member, Room, RosterStream } from './rooms';

/** Members that are told something in one turn. */
const SLICE = 250;

/** What a member that speaks `conference.2` has besides. */
export interface Asker {
  /** Whether it is told the metadata of the others. */
  readonly tells: boolean;
  /**
   * It has joined a room, whose changes these are: it takes them whenever it is its turn to take a roster.
   * @param sent called with the bytes of each frame that it takes
   */
  follow(changes: RoomChanges, sent: (bytes: number) => void): void;
  /** There may be something new for it that is no other roster. */
  remind(): void;
  /** It is sent a frame that is about no list. */
  hear(frame: Uint8Array): void;
}

/** What they were sent lately. */
export interface SentChanges {
  readonly receivers: number;
  /** Bytes, all together. */
  readonly bytes: number;
}

export interface AskersParts {
  readonly encode: (json: string) => Uint8Array;
  readonly streams: (room: Room<Member>) => Iterable<RosterStream>;
  /** Does this at once, or when it is its turn. */
  readonly inTurn: (task: () => void) => void;
  /** What its streams have told last on any node; undefined where this node is the only one. */
  readonly notesOf?: ((room: Room<Member>) => NoteOf | undefined) | undefined;
  /** Somebody in the room asks for metadata, and nobody did before. */
  readonly follow: (room: Room<Member>) => void;
  /** Nobody does any more. */
  readonly unfollow: (room: Room<Member>) => void;
}

type NoteOf = (stream: string) => string | undefined;

interface Entry {
  readonly changes: RoomChanges;
  readonly askers: Set<Asker>;
  /** How many of them ask for metadata. */
  tells: number;
  /** All are about to be reminded. */
  isReminding: boolean;
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
  admit(room: Room<Member>, { asker }: Receiver): void {
    if (asker === undefined) return;
    const entry = this.#rooms.get(room) ?? this.#open(room);
    const { changes, askers } = entry;
    askers.add(asker);
    if (asker.tells && entry.tells++ === 0) {
      changes.followNotes();
      this.#parts.follow(room);
    }
    asker.follow(changes, (bytes) => this.#sent(bytes));
  }

  /** A member has left. */
  depart(room: Room<Member>, { asker }: Receiver): void {
    const entry = asker && this.#rooms.get(room);
    if (asker === undefined || entry === undefined) return;
    if (!entry.askers.delete(asker)) return;
    if (asker.tells && --entry.tells === 0) this.#parts.unfollow(room);
    if (entry.askers.size === 0) this.#rooms.delete(room);
  }

  changed(room: Room<Member>): void {
    this.#rooms.get(room)?.changes.changed();
  }

  /** A stream's metadata is another one. Only those who ask for it hear of that. */
  noted(room: Room<Member>): void {
    const entry = this.#rooms.get(room);
    if (entry === undefined) return;
    entry.changes.changed();
    if (entry.isReminding) return;
    entry.isReminding = true;
    this.#parts.inTurn(() => {
      entry.isReminding = false;
      for (const asker of entry.askers) if (asker.tells) asker.remind();
    });
  }

  /** Sends a frame to all of them, a slice at a time. @returns how many they are */
  tell(room: Room<Member>, json: string): number {
    const askers = [...(this.#rooms.get(room)?.askers ?? [])];
    if (askers.length === 0) return 0;
    const frame = this.#parts.encode(json);
    for (let at = 0; at < askers.length; at += SLICE) {
      const slice = askers.slice(at, at + SLICE);
      this.#parts.inTurn(() => {
        for (const asker of slice) asker.hear(frame);
      });
    }
    return askers.length;
  }

  /** Whether nobody in the room takes plain rosters. */
  areAllOf(room: Room<Member>): boolean {
    return this.#rooms.get(room)?.askers.size === room.members.size;
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
    const { encode, streams, notesOf } = this.#parts;
    const changes = new RoomChanges({
      room: room.encoded,
      streams: () => {
        const noteOf = notesOf?.(room);
        return Array.from(streams(room), (stream) =>
          noteOf === undefined ? withOwnNote(stream, room) : { ...stream, note: noteOf(stream.name) },
        );
      },
      encode,
    });
    const entry = { changes, askers: new Set<Asker>(), tells: 0, isReminding: false };
    this.#rooms.set(room, entry);
    return entry;
  }

  #sent(bytes: number): void {
    this.#receivers++;
    this.#bytes += bytes;
  }
}

/** What a stream's member on this node has said of itself is newer than what other nodes know of it. */
function withOwnNote(stream: RosterStream, { streams }: Room<Member>): RosterStream {
  const own = streams.get(stream.name);
  return own?.note === undefined ? stream : own;
}
