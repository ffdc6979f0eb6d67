/** Room → stream → members. Pure state: `join` and `leave` return what changed, the caller does the rest. */
import { encodeName } from './protocol';

/** One accepted socket with its room and stream name. Its identity, never its name, is its membership. */
export interface Member {
  readonly room: string;
  readonly streamName: string;
  /** It hears its room without being in it: it holds no stream. */
  readonly observer?: true | undefined;
  /** What it tells of itself, as JSON; undefined where that is nothing. */
  readonly note?: string | undefined;
}

/** A stream as a roster lists it. */
export interface RosterStream {
  readonly name: string;
  /** The name as JSON. */
  readonly encoded: string;
  /** What the member that has said so last tells of itself, as JSON; not there where nobody ever has. */
  readonly note?: string | undefined;
}

/** A room that has members. */
export interface Room<M extends Member> {
  readonly name: string;
  /** The name as JSON. */
  readonly encoded: string;
  /** Every socket of the room. */
  readonly members: ReadonlySet<M>;
  /** In the order in which they first joined. */
  readonly streams: ReadonlyMap<string, RosterStream>;
  /** How many of its sockets only observe. */
  readonly observers: number;
}

/** What a join or a leave did to its room. */
export type Change<M extends Member> = StreamChange<M> | ObserverChange<M>;

interface StreamChange<M extends Member> {
  readonly room: Room<M>;
  readonly stream: RosterStream;
  /** The stream has its first member (on joining), or has lost its last (on leaving). */
  readonly streamChanged: boolean;
}

/** An observer has come or gone. */
interface ObserverChange<M extends Member> {
  readonly room: Room<M>;
  readonly stream: undefined;
  readonly streamChanged: false;
}

/** A stream as the rooms keep it: two sockets under one name are one stream. */
interface HeldStream extends RosterStream {
  /** How many members hold it. */
  holders: number;
  note?: string | undefined;
}

interface MutableRoom<M extends Member> extends Room<M> {
  readonly members: Set<M>;
  readonly streams: Map<string, HeldStream>;
  observers: number;
}

/** The rooms as those may see them who cannot change them. */
export type RoomsView<M extends Member> = Pick<Rooms<M>, 'size' | 'get' | 'values'>;

export class Rooms<M extends Member> {
  readonly #rooms = new Map<string, MutableRoom<M>>();

  /** How many rooms have members. */
  get size(): number {
    return this.#rooms.size;
  }

  get(name: string): Room<M> | undefined {
    return this.#rooms.get(name);
  }

  /** All rooms, in the order in which they opened. */
  values(): IterableIterator<Room<M>> {
    return this.#rooms.values();
  }

  /** Puts a member, who is in no room yet, into its room, and opens the room if it is the first. */
  join(member: M): Change<M> {
    const room = this.#rooms.get(member.room) ?? this.#open(member.room);
    if (member.observer) {
      room.members.add(member);
      room.observers++;
      return { room, stream: undefined, streamChanged: false };
    }
    const known = room.streams.get(member.streamName);
    const stream = known ?? { name: member.streamName, encoded: encodeName(member.streamName), holders: 0 };
    if (known === undefined) room.streams.set(stream.name, stream);
    if (member.note !== undefined) stream.note = member.note;
    stream.holders++;
    room.members.add(member);
    return { room, stream, streamChanged: known === undefined };
  }

  /**
   * Takes a member out, the stream with its last member and the room with its last stream.
   * @returns undefined when the member is not there: leaving twice changes nothing
   */
  leave(member: M): Change<M> | undefined {
    const room = this.#rooms.get(member.room);
    if (member.observer) return this.#stopObserving(member, room);
    const stream = room?.streams.get(member.streamName);
    if (!room || !stream || !room.members.delete(member)) return undefined;
    stream.holders--;
    const streamChanged = stream.holders === 0;
    if (streamChanged) room.streams.delete(stream.name);
    if (room.members.size === 0) this.#rooms.delete(room.name);
    return { room, stream, streamChanged };
  }

  /**
   * A member tells something else of itself.
   * @returns its room and its stream, or undefined where it has none, or the same was told before
   */
  note(member: M): { readonly room: Room<M>; readonly stream: RosterStream } | undefined {
    const room = this.#rooms.get(member.room);
    const stream = room?.streams.get(member.streamName);
    if (!room?.members.has(member) || member.observer || !stream || stream.note === member.note)
      return undefined;
    stream.note = member.note;
    return { room, stream };
  }

  #stopObserving(member: M, room: MutableRoom<M> | undefined): Change<M> | undefined {
    if (!room?.members.delete(member)) return undefined;
    room.observers--;
    if (room.members.size === 0) this.#rooms.delete(room.name);
    return { room, stream: undefined, streamChanged: false };
  }

  #open(name: string): MutableRoom<M> {
    const room = { name, encoded: encodeName(name), members: new Set<M>(), streams: new Map(), observers: 0 };
    this.#rooms.set(name, room);
    return room;
  }
}
