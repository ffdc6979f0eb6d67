/** Reads what Redis holds of rooms: when they are opened, when the link is back, and now and then. It writes nothing. */
import type { Clock } from '../clock';
import { type Connection, KeyRefusal } from './connection';
import type { Membership } from './membership';
import type { SharedRoom } from './shared-room';
import { type StoredList, storedLists, storedVersion } from './stored-list';
import type { Timing } from './timing';

/** A list in Redis whose node is dead. */
export interface DeadList {
  readonly key: string;
  readonly list: StoredList;
}

/** What a read has found, of several rooms. */
export interface ReadResult {
  /** In how many rooms this read, or the one before it, has put right what no message has told. */
  readonly repaired: number;
  /** Rooms whose own list Redis has lost. */
  readonly lost: readonly SharedRoom[];
  /** Rooms that were read, and those that Redis refuses. */
  readonly read: readonly SharedRoom[];
  readonly refused: readonly { readonly room: SharedRoom; readonly why: KeyRefusal }[];
  readonly dead: readonly DeadList[];
  /** Rooms in which Redis lacks the list of another node, or has an older one than is known. */
  readonly lacking: ReadonlySet<SharedRoom>;
}

interface Reading {
  readonly room: SharedRoom;
  readonly lists: readonly StoredList[];
  /** As it was when the read was sent. */
  readonly storedVersion: number;
  readonly revision: number;
  readonly refusal: KeyRefusal | undefined;
}

export class RoomReader {
  readonly #self: string;
  readonly #membership: Membership;
  readonly #clock: Clock;
  readonly #timing: Timing;

  constructor(self: string, membership: Membership, clock: Clock, timing: Timing) {
    this.#self = self;
    this.#membership = membership;
    this.#clock = clock;
    this.#timing = timing;
  }

  /** Reads the rooms and takes what is newer than what is known. @throws what ends the connection */
  async read(connection: Connection, rooms: readonly SharedRoom[]): Promise<ReadResult> {
    const all = await Promise.all(rooms.map((room) => this.#readOne(connection, room)));
    const readings = all.filter(({ refusal }) => refusal === undefined);
    const strangers = this.#strangersIn(readings);
    if (strangers.size > 0) await this.#membership.beat(connection);
    const isLiving = (node: string) => this.#membership.liveness.knows(node);
    let repaired = 0;
    const lost: SharedRoom[] = [];
    const lacking = new Set<SharedRoom>();
    for (const reading of readings) {
      const { room, lists } = reading;
      const own = lists.find(({ node }) => node === this.#self);
      const ownVersion = own === undefined ? 0 : storedVersion(own);
      const isLost = ownVersion < reading.storedVersion;
      if (isLost) lost.push(room);
      const hasForgotten = ownVersion > 0 && this.#forgetWhatIsNotThere(reading);
      const hasRepaired = room.takeRead(lists, isLiving);
      if (isLost || hasForgotten || hasRepaired) repaired++;
      if (lacksLists(reading)) lacking.add(room);
    }
    const dead = readings.flatMap(({ room, lists }) => deadIn(room.keys.hash, lists, strangers, isLiving));
    const refused = all.flatMap(({ room, refusal: why }) => (why === undefined ? [] : [{ room, why }]));
    for (const { room } of refused) room.forgetDead(isLiving);
    return { repaired, lost, read: readings.map(({ room }) => room), refused, dead, lacking };
  }

  async #readOne(connection: Connection, room: SharedRoom): Promise<Reading> {
    const { storedVersion } = room.list;
    const { revision } = room.replica;
    const read = { room, storedVersion, revision };
    try {
      const lists = storedLists(await connection.readHash(room.keys.hash));
      return { ...read, lists, refusal: undefined };
    } catch (error) {
      if (error instanceof KeyRefusal) return { ...read, lists: [], refusal: error };
      throw error;
    }
  }

  /** Nodes that nobody has told of yet: either they have just started, or they are long dead. */
  #strangersIn(readings: readonly Reading[]): Set<string> {
    const nodes = readings.flatMap(({ lists }) => lists.map(({ node }) => node));
    return new Set(nodes.filter((node) => node !== this.#self && !this.#membership.liveness.knows(node)));
  }

  /**
   * A node's field is never deleted while it lives, so its lack means that Redis has lost data. Where all have had
   * the time to restore theirs, it means that the node has nothing to restore: it left the room unheard. An older list
   * than the one known means that somebody else has spoken in the node's name: what Redis has counts.
   */
  #forgetWhatIsNotThere({ room, lists, revision }: Reading): boolean {
    if (revision !== room.replica.revision || !this.#haveAllRestored(room)) return false;
    const { liveness } = this.#membership;
    const now = this.#clock.now();
    const stored = new Set(lists.map(({ node }) => node));
    const gone = room.replica.holders().filter((node) => !stored.has(node) && liveness.hasSettled(node, now));
    for (const node of gone) room.forget(node);
    const outdated = lists.filter((list) => isOlder(list, room) && liveness.hasSettled(list.node, now));
    for (const { node } of outdated) room.replica.doubt(node);
    return gone.length + outdated.length > 0;
  }

  /** All nodes soon know that Redis has lost all its data; of one room each finds out when it keeps it next. */
  #haveAllRestored({ list }: SharedRoom): boolean {
    const { expiry, reread } = this.#timing;
    const { at, after } = list.lost;
    const isLossOfAll = this.#membership.liveness.dataLostAt >= after;
    return list.storedFor(2 * expiry) && (isLossOfAll || this.#clock.now() - at >= 3 * reread);
  }
}

function lacksLists({ room, lists }: Reading): boolean {
  if (lists.some((list) => isOlder(list, room))) return true;
  return room.replica.holders().some((holder) => !lists.some(({ node }) => node === holder));
}

function isOlder(list: StoredList, { replica }: SharedRoom): boolean {
  return storedVersion(list) < (replica.versionOf(list.node) ?? 0);
}

function deadIn(
  key: string,
  lists: readonly StoredList[],
  strangers: ReadonlySet<string>,
  isLiving: (node: string) => boolean,
): DeadList[] {
  const dead = lists.filter(({ node }) => strangers.has(node) && !isLiving(node));
  return dead.map((list) => ({ key, list }));
}
