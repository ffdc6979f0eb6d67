/**
 * Brings rooms and Redis to the same state, in chunks. For each room, in this order: subscribe, then read, then
 * store and publish. Of two nodes that do so at once, the later one reads or hears what the earlier one has stored.
 */
import type { Clock } from '../clock';
import type { Connection } from './connection';
import type { ReadResult, RoomReader } from './room-reader';
import type { SharedRoom } from './shared-room';

/** Rooms that are asked for at once. */
const CHUNK = 200;
/** Milliseconds between two chunks, which belong to the members. */
const PAUSE = 2;
/** A room is busy where somebody has come or gone within so many milliseconds. */
const BUSY = 60_000;

export class RoomSync {
  readonly #reader: RoomReader;
  readonly #clock: Clock;
  readonly #onRead: (connection: Connection, result: ReadResult) => void;
  /** Busy rooms come first: there people wait. */
  readonly #busy = new Set<SharedRoom>();
  readonly #idle = new Set<SharedRoom>();
  /** The connection over which it runs just now. */
  #running: Connection | undefined;
  /** Redis may lack any of our lists, until none waits. */
  #owesAll = true;
  #stopPause: () => void = () => {};

  /** @param onRead does what a read has found to be necessary */
  constructor(
    reader: RoomReader,
    clock: Clock,
    onRead: (connection: Connection, result: ReadResult) => void,
  ) {
    this.#reader = reader;
    this.#clock = clock;
    this.#onRead = onRead;
  }

  /** Redis has all that this node holds, but for what has just changed. */
  get done(): boolean {
    return !this.#owesAll;
  }

  /** Redis may have lost everything: all rooms are synced. */
  addAll(rooms: Iterable<SharedRoom>): void {
    this.#owesAll = true;
    this.add(rooms);
  }

  /** The rooms will be synced in the next run, or in the present one. */
  add(rooms: Iterable<SharedRoom>): void {
    const busySince = this.#clock.now() - BUSY;
    for (const room of rooms) {
      const isBusy = room.list.lastChangeAt > busySince;
      if (isBusy) this.#idle.delete(room);
      if (!isBusy && !this.#busy.has(room)) this.#idle.add(room);
      else this.#busy.add(room);
    }
  }

  remove(room: SharedRoom): void {
    this.#busy.delete(room);
    this.#idle.delete(room);
  }

  /** Nothing more is said: the node says goodbye. */
  stop(): void {
    this.#busy.clear();
    this.#idle.clear();
    this.#running = undefined;
    this.#stopPause();
  }

  /** Syncs until no room waits. Does nothing where that goes on already. @throws when the connection is lost */
  async run(connection: Connection): Promise<void> {
    if (this.#running === connection) return;
    this.#running = connection;
    try {
      if (this.#busy.size + this.#idle.size === 0) this.#owesAll = false;
      for (let rooms = this.#take(); rooms.length > 0; rooms = this.#take()) {
        await this.#syncChunk(connection, rooms);
        if (this.#running !== connection) return;
        if (this.#busy.size + this.#idle.size === 0) this.#owesAll = false;
        if (rooms.length === CHUNK) await this.#pause();
      }
    } finally {
      if (this.#running === connection) this.#running = undefined;
    }
  }

  #take(): SharedRoom[] {
    const rooms: SharedRoom[] = [];
    for (const waiting of [this.#busy, this.#idle]) {
      for (const room of waiting) {
        if (rooms.length === CHUNK) return rooms;
        rooms.push(room);
        waiting.delete(room);
      }
    }
    return rooms;
  }

  async #syncChunk(connection: Connection, rooms: readonly SharedRoom[]): Promise<void> {
    const fresh = rooms.filter((room) => room.subscribedOn !== connection);
    if (fresh.length > 0) await connection.subscribe(fresh.map((room) => room.keys.channel));
    for (const room of fresh) room.subscribedOn = connection;
    const result = await this.#reader.read(connection, rooms);
    const refused = new Set(result.refused.map(({ room }) => room));
    if (this.#running === connection) {
      for (const room of rooms) if (!refused.has(room)) room.synced(connection);
    }
    this.#onRead(connection, result);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(resolve, PAUSE);
      this.#stopPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
