/** Reads what Redis holds of rooms: when they are first subscribed to, when the link is back, and now and then. */
import type { Clock } from '../clock';
import type { Census } from './census';
import type { Connection } from './connection';
import { peekHead } from './message';
import { DELETE_IF } from './scripts';
import type { SharedRoom } from './shared-room';

/** What a read has found, of several rooms. */
export interface ReadResult {
  /** In how many rooms this read, or the one before it, has put right what no message has told. */
  readonly repaired: number;
  /** Rooms whose own list Redis has lost. */
  readonly lost: readonly SharedRoom[];
}

interface Reading {
  readonly room: SharedRoom;
  readonly fields: Readonly<Record<string, string>>;
  /** As it was when the read was sent. */
  readonly storedVersion: number;
  readonly revision: number;
}

export class RoomReader {
  readonly #self: string;
  readonly #census: Census;
  readonly #clock: Clock;
  readonly #settleTime: number;

  /**
   * @param settleTime milliseconds for which our own field must have been there before the lack of another one says
   *   anything
   */
  constructor(self: string, census: Census, clock: Clock, settleTime: number) {
    this.#self = self;
    this.#census = census;
    this.#clock = clock;
    this.#settleTime = settleTime;
  }

  /** Reads the rooms and takes what is newer than what is known. */
  async read(connection: Connection, rooms: readonly SharedRoom[]): Promise<ReadResult> {
    const readings = await Promise.all(rooms.map((room) => this.#readOne(connection, room)));
    const strangers = this.#strangersIn(readings);
    if (strangers.size > 0) await this.#census.call(connection);
    const isLiving = (node: string) => this.#census.liveness.knows(node);
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
    for (const node of strangers) if (!isLiving(node)) await this.#removeDead(connection, node, readings);
    return { repaired, lost };
  }

  async #readOne(connection: Connection, room: SharedRoom): Promise<Reading> {
    const { storedVersion } = room;
    const { revision } = room.replica;
    return { room, fields: await connection.readHash(room.keys.hash), storedVersion, revision };
  }

  /** Nodes that nobody has told of yet: either they have just started, or they are long dead. */
  #strangersIn(readings: readonly Reading[]): Set<string> {
    const nodes = readings.flatMap(({ fields }) => Object.keys(fields));
    return new Set(nodes.filter((node) => node !== this.#self && !this.#census.liveness.knows(node)));
  }

  /**
   * A node's field is never deleted while it lives, so its lack means that Redis has lost data. Where all have had
   * the time to restore theirs, it means that the node has nothing to restore: it left the room unheard.
   */
  #forgetWhatIsNotThere({ room, fields, revision }: Reading): boolean {
    if (revision !== room.replica.revision || !room.storedFor(this.#settleTime)) return false;
    const { liveness } = this.#census;
    const now = this.#clock.now();
    const gone = room.replica.holders().filter((node) => !(node in fields) && liveness.hasSettled(node, now));
    for (const node of gone) room.forget(node);
    return gone.length > 0;
  }

  async #removeDead(connection: Connection, node: string, readings: readonly Reading[]): Promise<void> {
    const deletions = readings.map(({ room, fields }) => {
      const text = fields[node];
      return text === undefined ? undefined : connection.run(DELETE_IF, [room.keys.hash], [node, text]);
    });
    await Promise.all(deletions);
  }
}
