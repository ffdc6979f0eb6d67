/**
 * Finds out what no message has said. Nodes tell each other in digests what they have sent lately, and read the rooms
 * that differ; where a node may lack some of that, or some nodes have no digests, every room is read in turn.
 */
import type { Clock } from '../clock';
import type { Connection } from './connection';
import { KeyRefusal } from './connection';
import type { DigestExchange } from './digest-exchange';
import { toError } from './problems';
import type { ReadResult, RoomReader } from './room-reader';
import { Rotation } from './rotation';
import type { SharedRoom } from './shared-room';
import type { Timing } from './timing';
import { UrgentReads } from './urgent-reads';

/** The turns in which all rooms are seen to once; milliseconds that a turn takes at least. */
const TURNS = 300;
const SHORTEST_TURN = 10;
/** Exchanges of digests in the time within which a lost message is found out: one here and one there, and the read. */
const EXCHANGES = 3;
/** A room that is not suspected of anything is read after so many times that time. */
const SELDOM = 20;

export interface AntiEntropyParts {
  readonly rooms: ReadonlyMap<string, SharedRoom>;
  readonly reader: RoomReader;
  readonly digests: DigestExchange;
  readonly clock: Clock;
  readonly timing: Timing;
  /** Whether all nodes have digests. */
  readonly haveDigests: () => boolean;
  /** Does what a read has found to be necessary. */
  readonly onRead: (connection: Connection, result: ReadResult) => void;
  readonly onRefused: (room: SharedRoom, why: KeyRefusal) => void;
  /** Digests were exchanged, or Redis refuses their key: then every room is read instead. */
  readonly onDigests: (refusal: KeyRefusal | undefined) => void;
}

export class AntiEntropy {
  readonly #parts: AntiEntropyParts;
  readonly #rotation: Rotation<SharedRoom>;
  readonly #urgent: UrgentReads;
  /**
   * Rooms that are read once more: Redis lacks the list of another node, which was lost, or is none any more; or it had
   * one of which no message has told, so that it is seen whether one does; or somebody came just after ours was stored.
   */
  readonly #doubtful = new Set<SharedRoom>();
  /** Until then every room is read in its turn. */
  #readAllUntil = -Infinity;
  #cancelTurn: () => void = () => {};
  #cancelExchange: () => void = () => {};
  #connection: Connection | undefined;

  constructor(parts: AntiEntropyParts) {
    this.#parts = parts;
    this.#rotation = new Rotation(() => parts.rooms.values());
    this.#urgent = new UrgentReads(parts.clock, (connection, rooms) => this.#read(connection, rooms));
  }

  start(connection: Connection): void {
    this.#connection = connection;
    this.#scheduleTurn(connection, this.#parts.clock.now());
    this.#scheduleExchange(connection);
  }

  stop(): void {
    this.#connection = undefined;
    this.#cancelTurn();
    this.#cancelExchange();
    this.#urgent.stop();
    this.#doubtful.clear();
  }

  /** Something is known to be missing here: the rooms are read as soon as can be. */
  suspect(rooms: Iterable<SharedRoom>): void {
    if (this.#connection !== undefined) this.#urgent.add(this.#connection, rooms);
  }

  /** Somebody may have read the room and not found our list. */
  check(room: SharedRoom): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (room.list.isJustKept) this.#doubtful.add(room);
    else this.#seeTo(connection, room, 'check').catch((error) => connection.destroy(toError(error)));
  }

  /** The room has been read, by whomever. */
  found(room: SharedRoom, isDoubtful: boolean): void {
    if (isDoubtful) this.#doubtful.add(room);
    else this.#doubtful.delete(room);
  }

  /** @param since when the last turn was: what a slow one has cost, the next makes up for */
  #scheduleTurn(connection: Connection, since: number): void {
    const { clock, timing, rooms } = this.#parts;
    const turn = Math.max(timing.reread / TURNS, SHORTEST_TURN);
    this.#cancelTurn = clock.schedule(async () => {
      const now = clock.now();
      await this.#see(connection, this.#rotation.next((now - since) / timing.reread, rooms.size));
      if (this.#connection === connection) this.#scheduleTurn(connection, now);
    }, turn);
  }

  #scheduleExchange(connection: Connection): void {
    const { clock, timing } = this.#parts;
    this.#cancelExchange = clock.schedule(async () => {
      await this.#exchange(connection);
      if (this.#connection === connection) this.#scheduleExchange(connection);
    }, timing.reread / EXCHANGES);
  }

  async #exchange(connection: Connection): Promise<void> {
    const { digests, clock, haveDigests, onDigests } = this.#parts;
    for (const room of this.#doubtful) if (room.isClosed) this.#doubtful.delete(room);
    this.suspect(this.#doubtful);
    if (!haveDigests()) return onDigests(undefined);
    try {
      const { differing, isIncomplete } = await digests.run(connection, clock.now());
      if (isIncomplete) this.#readAll();
      this.suspect(differing);
      onDigests(undefined);
    } catch (error) {
      if (!(error instanceof KeyRefusal)) return connection.destroy(toError(error));
      this.#readAll();
      onDigests(error);
    }
  }

  /** Every room once. A turn more than all: the rotation may be in the middle of one. */
  #readAll(): void {
    const { clock, timing } = this.#parts;
    this.#readAllUntil = clock.now() + timing.reread * (1 + 2 / TURNS);
  }

  /** Keeps these rooms, and reads those whose time it is. */
  async #see(connection: Connection, rooms: readonly SharedRoom[]): Promise<void> {
    const { clock, timing, haveDigests } = this.#parts;
    const now = clock.now();
    const readsAll = !haveDigests() || now < this.#readAllUntil;
    const due = rooms.filter((room) => readsAll || now - room.readAt >= SELDOM * timing.reread);
    const kept = Promise.all(rooms.map((room) => this.#seeTo(connection, room, 'keep')));
    await Promise.all([this.#read(connection, due), kept]).catch((error) =>
      connection.destroy(toError(error)),
    );
  }

  /** @throws what ends the connection */
  async #read(connection: Connection, all: readonly SharedRoom[]): Promise<void> {
    const { reader, onRead } = this.#parts;
    const rooms = all.filter((room) => isInSync(room, connection));
    if (rooms.length > 0) onRead(connection, await reader.read(connection, rooms));
  }

  async #seeTo(connection: Connection, room: SharedRoom, how: 'keep' | 'check'): Promise<void> {
    if (!isInSync(room, connection)) return;
    try {
      await room.list[how](connection);
    } catch (error) {
      if (!(error instanceof KeyRefusal)) throw error;
      this.#parts.onRefused(room, error);
    }
  }
}

function isInSync(room: SharedRoom, connection: Connection): boolean {
  return room.subscribedOn === connection && room.state !== 'opening' && !room.isClosed;
}
