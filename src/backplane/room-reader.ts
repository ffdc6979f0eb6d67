/** Reads what Redis holds of rooms: when they are opened, when the link is back, and now and then. It writes nothing. */
import type { Clock } from '../clock';
import { type Connection, KeyRefusal } from './connection';
import type { Membership } from './membership';
import { peekHead } from './message';
import type { SharedRoom } from './shared-room';

/** A list in Redis whose node is dead. */
export interface DeadList {
  readonly key: string;
  readonly node: string;
  readonly text: string;
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
}

interface Reading {
  readonly room: SharedRoom;
  readonly fields: Readonly<Record<string, string>>;
  /** As it was when the read was sent. */
  readonly storedVersion: number;
  readonly revision: number;
  readonly refusal: KeyRefusal | undefined;
}

export class RoomReader {
  readonly #self: string;
  readonly #membership: Membership;
  readonly #clock: Clock;
  readonly #settleTime: number;

  /**
   * @param settleTime milliseconds for which our own field must have been there before the lack of another one says
   *   anything
   */
  constructor(self: string, membership: Membership, clock: Clock, settleTime: number) {
    this.#self = self;
    this.#membership = membership;
    this.#clock = clock;
    this.#settleTime = settleTime;
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
    for (const reading of readings) {
      const { room, fields, storedVersion } = reading;
      const ownVersion = peekHead(fields[this.#self] ?? '')?.version ?? 0;
      const isLost = ownVersion < storedVersion;
      if (isLost) lost.push(room);
      const hasForgotten = ownVersion > 0 && this.#forgetWhatIsNotThere(reading);
      const hasRepaired = room.takeRead(fields, isLiving);
      if (isLost || hasForgotten || hasRepaired) repaired++;
    }
    const dead = readings.flatMap(({ room, fields }) => deadIn(room.keys.hash, fields, strangers, isLiving));
    const refused = all.flatMap(({ room, refusal: why }) => (why === undefined ? [] : [{ room, why }]));
    return { repaired, lost, read: readings.map(({ room }) => room), refused, dead };
  }

  async #readOne(connection: Connection, room: SharedRoom): Promise<Reading> {
    const { storedVersion } = room.list;
    const { revision } = room.replica;
    const read = { room, storedVersion, revision };
    try {
      return { ...read, fields: await connection.readHash(room.keys.hash), refusal: undefined };
    } catch (error) {
      if (error instanceof KeyRefusal) return { ...read, fields: {}, refusal: error };
      throw error;
    }
  }

  /** Nodes that nobody has told of yet: either they have just started, or they are long dead. */
  #strangersIn(readings: readonly Reading[]): Set<string> {
    const nodes = readings.flatMap(({ fields }) => Object.keys(fields));
    return new Set(nodes.filter((node) => node !== this.#self && !this.#membership.liveness.knows(node)));
  }

  /**
   * A node's field is never deleted while it lives, so its lack means that Redis has lost data. Where all have had
   * the time to restore theirs, it means that the node has nothing to restore: it left the room unheard.
   */
  #forgetWhatIsNotThere({ room, fields, revision }: Reading): boolean {
    if (revision !== room.replica.revision || !room.list.storedFor(this.#settleTime)) return false;
    const { liveness } = this.#membership;
    const now = this.#clock.now();
    const gone = room.replica.holders().filter((node) => !(node in fields) && liveness.hasSettled(node, now));
    for (const node of gone) room.forget(node);
    return gone.length > 0;
  }
}

function deadIn(
  key: string,
  fields: Readonly<Record<string, string>>,
  strangers: ReadonlySet<string>,
  isLiving: (node: string) => boolean,
): DeadList[] {
  const found = Object.entries(fields).filter(([node]) => strangers.has(node) && !isLiving(node));
  return found.map(([node, text]) => ({ key, node, text }));
}
