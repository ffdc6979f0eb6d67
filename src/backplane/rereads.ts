/** Reads every room again now and then: what a lost message did not say, the next read does. */
import type { Clock } from '../clock';
import type { Connection } from './connection';
import { toError } from './problems';
import type { RoomReader } from './room-reader';
import { Rotation } from './rotation';
import type { SharedRoom } from './shared-room';
import type { Timing } from './timing';

/** The turns in which all rooms are read once; milliseconds that a turn takes at least. */
const TURNS = 300;
const SHORTEST_TURN = 10;

export class Rereads {
  readonly #rooms: ReadonlyMap<string, SharedRoom>;
  readonly #rotation: Rotation<SharedRoom>;
  readonly #reader: RoomReader;
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #onRepaired: (rooms: number) => void;
  #stopTurns: () => void = () => {};

  /** @param onRepaired called with the number of rooms where a read put right what no message had told */
  constructor(
    rooms: ReadonlyMap<string, SharedRoom>,
    reader: RoomReader,
    clock: Clock,
    timing: Timing,
    onRepaired: (rooms: number) => void,
  ) {
    this.#rooms = rooms;
    this.#rotation = new Rotation(() => rooms.values());
    this.#reader = reader;
    this.#clock = clock;
    this.#timing = timing;
    this.#onRepaired = onRepaired;
  }

  start(connection: Connection): void {
    const turn = Math.max(this.#timing.reread / TURNS, SHORTEST_TURN);
    let isOver = false;
    const cancel = this.#clock.schedule(async () => {
      const rooms = this.#rotation.next(turn / this.#timing.reread, this.#rooms.size);
      const done = rooms.length === 0 || (await this.#read(connection, rooms));
      if (done && !isOver) this.start(connection);
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
    const rooms = turn.filter((room) => room.subscribedOn === connection);
    try {
      const keeping = rooms.map((room) => room.keep(connection));
      const [{ repaired, lost }] = await Promise.all([this.#reader.read(connection, rooms), ...keeping]);
      for (const room of lost) room.restore();
      this.#onRepaired(repaired);
      return true;
    } catch (error) {
      connection.destroy(toError(error));
      return false;
    }
  }
}
