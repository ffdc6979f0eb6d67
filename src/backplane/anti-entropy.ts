/** Reads every room again now and then: what a lost message did not say, the next read does. */
import type { Clock } from '../clock';
import type { Connection } from './connection';
import { KeyRefusal } from './connection';
import { toError } from './problems';
import type { ReadResult, RoomReader } from './room-reader';
import { Rotation } from './rotation';
import type { SharedRoom } from './shared-room';
import type { Timing } from './timing';

/** The turns in which all rooms are read once; milliseconds that a turn takes at least. */
const TURNS = 300;
const SHORTEST_TURN = 10;

export interface AntiEntropyParts {
  readonly rooms: ReadonlyMap<string, SharedRoom>;
  readonly reader: RoomReader;
  readonly clock: Clock;
  readonly timing: Timing;
  /** Does what a read has found to be necessary. */
  readonly onRead: (connection: Connection, result: ReadResult) => void;
  readonly onRefused: (room: SharedRoom, why: KeyRefusal) => void;
}

export class AntiEntropy {
  readonly #parts: AntiEntropyParts;
  readonly #rotation: Rotation<SharedRoom>;
  #stopTurns: () => void = () => {};

  constructor(parts: AntiEntropyParts) {
    this.#parts = parts;
    this.#rotation = new Rotation(() => parts.rooms.values());
  }

  /** @param since when the last turn was: what a slow one has cost, the next makes up for */
  start(connection: Connection, since = this.#parts.clock.now()): void {
    const { clock, timing, rooms } = this.#parts;
    const turn = Math.max(timing.reread / TURNS, SHORTEST_TURN);
    let isOver = false;
    const cancel = clock.schedule(async () => {
      const now = clock.now();
      const due = this.#rotation.next((now - since) / timing.reread, rooms.size);
      const done = due.length === 0 || (await this.#read(connection, due));
      if (done && !isOver) this.start(connection, now);
    }, turn);
    this.#stopTurns = () => {
      isOver = true;
      cancel();
    };
  }

  stop(): void {
    this.#stopTurns();
  }

  /** @returns whether the connection still stands */
  async #read(connection: Connection, turn: readonly SharedRoom[]): Promise<boolean> {
    const rooms = turn.filter((room) => room.subscribedOn === connection && room.state !== 'opening');
    try {
      const keeping = rooms.map((room) => this.#keep(connection, room));
      const [result] = await Promise.all([this.#parts.reader.read(connection, rooms), ...keeping]);
      this.#parts.onRead(connection, result);
      return true;
    } catch (error) {
      connection.destroy(toError(error));
      return false;
    }
  }

  async #keep(connection: Connection, room: SharedRoom): Promise<void> {
    try {
      await room.list.keep(connection);
    } catch (error) {
      if (!(error instanceof KeyRefusal)) throw error;
      this.#parts.onRefused(room, error);
    }
  }
}
