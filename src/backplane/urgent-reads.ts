/** Reads rooms that cannot wait for their turn: one portion after the other, and each room once, however often it is asked for. */
import type { Clock } from '../clock';
import type { Connection } from './connection';
import { toError } from './problems';
import type { SharedRoom } from './shared-room';

/** Rooms that are read at once, and milliseconds between two such portions. */
const PORTION = 200;
const PAUSE = 2;

export class UrgentReads {
  readonly #clock: Clock;
  readonly #read: (connection: Connection, rooms: readonly SharedRoom[]) => Promise<void>;
  readonly #waiting = new Set<SharedRoom>();
  /** The connection over which rooms are being read. */
  #running: Connection | undefined;
  #endPause: () => void = () => {};

  /** @param read throws what ends the connection */
  constructor(clock: Clock, read: (connection: Connection, rooms: readonly SharedRoom[]) => Promise<void>) {
    this.#clock = clock;
    this.#read = read;
  }

  add(connection: Connection, rooms: Iterable<SharedRoom>): void {
    for (const room of rooms) this.#waiting.add(room);
    if (this.#running === connection || this.#waiting.size === 0) return;
    this.#running = connection;
    this.#run(connection).catch((error) => connection.destroy(toError(error)));
  }

  stop(): void {
    this.#waiting.clear();
    this.#running = undefined;
    this.#endPause();
  }

  async #run(connection: Connection): Promise<void> {
    while (this.#running === connection && this.#waiting.size > 0) {
      const rooms = this.#take();
      await this.#read(connection, rooms);
      if (rooms.length === PORTION && this.#running === connection) await this.#pause();
    }
    if (this.#running === connection) this.#running = undefined;
  }

  #take(): SharedRoom[] {
    const rooms: SharedRoom[] = [];
    for (const room of this.#waiting) {
      if (rooms.length === PORTION) break;
      rooms.push(room);
      this.#waiting.delete(room);
    }
    return rooms;
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(resolve, PAUSE);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
