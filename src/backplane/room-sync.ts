/**
 * Brings rooms and Redis to the same state, in chunks. For each room, in this order: subscribe, then read, then
 * store and publish. Of two nodes that do so at once, the later one reads or hears what the earlier one has stored.
 */
import type { Connection } from './connection';
import type { RoomReader } from './room-reader';
import type { SharedRoom } from './shared-room';

/** Rooms that are asked for at once. */
const CHUNK = 200;

export class RoomSync {
  readonly #reader: RoomReader;
  readonly #waiting = new Set<SharedRoom>();
  /** The connection over which it runs just now. */
  #running: Connection | undefined;

  constructor(reader: RoomReader) {
    this.#reader = reader;
  }

  /** The rooms will be synced in the next run, or in the present one. */
  add(rooms: Iterable<SharedRoom>): void {
    for (const room of rooms) this.#waiting.add(room);
  }

  remove(room: SharedRoom): void {
    this.#waiting.delete(room);
  }

  /** Syncs until no room waits. Does nothing where that goes on already. @throws when the connection is lost */
  async run(connection: Connection): Promise<void> {
    if (this.#running === connection) return;
    this.#running = connection;
    try {
      while (this.#waiting.size > 0) await this.#syncChunk(connection, this.#take());
    } finally {
      if (this.#running === connection) this.#running = undefined;
    }
  }

  #take(): SharedRoom[] {
    const rooms: SharedRoom[] = [];
    for (const room of this.#waiting) {
      if (rooms.length === CHUNK) break;
      rooms.push(room);
      this.#waiting.delete(room);
    }
    return rooms;
  }

  async #syncChunk(connection: Connection, rooms: readonly SharedRoom[]): Promise<void> {
    const fresh = rooms.filter((room) => room.subscribedOn !== connection);
    await connection.subscribe(fresh.map((room) => room.keys.channel));
    for (const room of fresh) room.subscribedOn = connection;
    await this.#reader.read(connection, rooms);
    for (const room of rooms) room.announceOn(connection);
  }
}
