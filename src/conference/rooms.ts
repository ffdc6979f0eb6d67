/** Room → stream → members. Pure state: `join` and `leave` return what changed, the caller does the rest. */
import { encodeName } from './protocol';

/** One accepted socket with its room and stream name. Its identity, never its name, is its membership. */
export interface Member {
  readonly room: string;
  readonly streamName: string;
}

/** A stream as a roster lists it. */
export interface RosterStream {
  readonly name: string;
  /** The name as JSON. */
  readonly encoded: string;
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
}

/** What a join or a leave did to its room. */
export interface Change<M extends Member> {
  readonly room: Room<M>;
  readonly stream: RosterStream;
  /** The stream has its first member (on joining), or has lost its last (on leaving). */
  readonly streamChanged: boolean;
}

/** A stream as the rooms keep it: two sockets under one name are one stream. */
interface HeldStream extends RosterStream {
  /** How many members hold it. */
  holders: number;
}

interface MutableRoom<M extends Member> extends Room<M> {
  readonly members: Set<M>;
  readonly streams: Map<string, HeldStream>;
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
    const known = room.streams.get(member.streamName);
    const stream = known ?? { name: member.streamName, encoded: encodeName(member.streamName), holders: 0 };
    if (known === undefined) room.streams.set(stream.name, stream);
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
    const stream = room?.streams.get(member.streamName);
    if (!room || !stream || !room.members.delete(member)) return undefined;
    stream.holders--;
    const streamChanged = stream.holders === 0;
    if (streamChanged) room.streams.delete(stream.name);
    if (room.members.size === 0) this.#rooms.delete(room.name);
    return { room, stream, streamChanged };
  }

  #open(name: string): MutableRoom<M> {
    const room = { name, encoded: encodeName(name), members: new Set<M>(), streams: new Map() };
    this.#rooms.set(name, room);
    return room;
  }
}
