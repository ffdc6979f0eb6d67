/**
 * Many nodes over Redis or Valkey. State, not events: each node tells the others its whole list of a room, so that
 * whatever is lost is said again by the next message or the next read.
 */
import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import type { Clock } from '../clock';
import type { Backplane } from '../conference/backplane';
import type { BackplaneEvents, BackplaneStatus } from '../conference/backplane-status';
import type { RosterStream } from '../conference/rooms';
import type { Logger } from '../logging/events';
import { Census } from './census';
import type { Connect, Connection } from './connection';
import type { Keys } from './keys';
import { LamportClock } from './lamport-clock';
import { Link } from './link';
import { decodeMessage, peekHead } from './message';
import type { NodeFacts } from './node-facts';
import { tryPermissions } from './permissions';
import { Rereads } from './rereads';
import { RoomReader } from './room-reader';
import { RoomSync } from './room-sync';
import { type RoomOwner, SharedRoom } from './shared-room';
import { State } from './state';
import type { Timing } from './timing';

export interface RedisBackplaneParts {
  /** This node's name among the others, as `newNodeId` makes it. */
  readonly self: string;
  readonly connect: Connect;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly timing: Timing;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly events: EventEmitter<BackplaneEvents>;
}

/** A name for a node, new with each start: so its versions never go back. */
export function newNodeId(): string {
  return randomBytes(9).toString('base64url');
}

export class RedisBackplane implements Backplane {
  readonly #parts: RedisBackplaneParts;
  readonly #rooms = new Map<string, SharedRoom>();
  readonly #byChannel = new Map<string, SharedRoom>();
  readonly #census: Census;
  readonly #sync: RoomSync;
  readonly #rereads: Rereads;
  readonly #link: Link;
  readonly #state: State;
  readonly #owner: RoomOwner;
  readonly #startedAt = Date.now();
  readonly #counts = { published: 0, received: 0, ignored: 0, lost: 0, repaired: 0 };
  #version = 0;
  #roomChanged: (room: string) => void = () => {};
  #isLive = false;
  /** The link is live, or has failed for the first time. */
  #tellOutcome: () => void = () => {};

  constructor(parts: RedisBackplaneParts) {
    const { self, connect, keys, clock, timing, random, logger, events } = parts;
    this.#parts = parts;
    this.#census = new Census({
      self,
      keys: keys.nodes(),
      clock,
      timing,
      facts: () => this.#facts(),
      onDead: (node) => this.#forget(node),
      onForgotten: () => this.#sayEverythingAgain(),
    });
    const reader = new RoomReader(self, this.#census, clock, 2 * timing.expiry);
    this.#sync = new RoomSync(reader);
    this.#rereads = new Rereads(this.#rooms, reader, clock, timing, (rooms) => {
      this.#counts.repaired += rooms;
    });
    this.#state = new State(logger, () => events.emit('state', this.status()));
    this.#link = new Link({
      connect,
      clock,
      timing,
      random,
      onMessage: this.#onMessage,
      sync: (connection) => this.#syncAll(connection),
      onLive: (connection) => this.#onLive(connection),
      onDown: (why) => this.#onDown(why),
    });
    this.#owner = {
      self,
      clock,
      timing,
      stamps: new LamportClock(),
      connection: () => this.#link.connection,
      nextVersion: () => ++this.#version,
      changed: (room) => this.#roomChanged(room.name),
      published: () => this.#counts.published++,
      propagated: (milliseconds) => events.emit('propagated', milliseconds),
      deserted: (room) => this.#close(room),
    };
  }

  /** Done when the link is live or has failed for the first time, or soon anyway: the host works without it. */
  start(roomChanged: (room: string) => void): Promise<void> {
    this.#roomChanged = roomChanged;
    void this.#link.run();
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.schedule(resolve, this.#parts.timing.start);
      this.#tellOutcome = () => {
        cancel();
        resolve();
      };
    });
  }

  streamJoined(name: string, stream: RosterStream): void {
    (this.#rooms.get(name) ?? this.#open(name)).join(stream.name);
  }

  streamLeft(name: string, stream: RosterStream): void {
    this.#rooms.get(name)?.leave(stream.name);
  }

  knows(name: string): boolean {
    return this.#rooms.get(name)?.known ?? true;
  }

  streams(name: string, local: Iterable<RosterStream>): Iterable<RosterStream> {
    return this.#rooms.get(name)?.replica.streams ?? local;
  }

  status(): BackplaneStatus {
    return { ...this.#state.facts, nodes: this.#census.nodes(), counts: { ...this.#counts } };
  }

  async stop(): Promise<void> {
    const { clock, timing } = this.#parts;
    const connection = this.#isLive ? this.#link.connection : undefined;
    this.#isLive = false;
    this.#tellOutcome();
    this.#census.stop();
    this.#rereads.stop();
    for (const room of this.#rooms.values()) room.close();
    if (connection !== undefined) {
      const tooLate = clock.schedule(
        () => connection.destroy(new Error('the goodbye takes too long')),
        timing.stop,
      );
      await this.#sayGoodbye(connection).catch((error: Error) => {
        this.#parts.logger.warn({ why: error.message }, 'the other nodes were not told that this one stops');
      });
      tooLate();
    }
    this.#link.stop();
    this.#state.stopped();
  }

  #open(name: string): SharedRoom {
    const room = new SharedRoom(name, this.#parts.keys.room(name), this.#owner);
    this.#rooms.set(name, room);
    this.#byChannel.set(room.keys.channel, room);
    this.#sync.add([room]);
    if (this.#isLive) this.#runSync();
    return room;
  }

  #close(room: SharedRoom): void {
    this.#rooms.delete(room.name);
    this.#byChannel.delete(room.keys.channel);
    this.#sync.remove(room);
    room.close();
    const { connection } = this.#link;
    connection?.unsubscribe(room.keys.channel).catch((error) => connection.destroy(error));
  }

  readonly #onMessage = (channel: string, text: string): void => {
    const room = this.#byChannel.get(channel);
    if (room === undefined) return;
    const head = peekHead(text);
    if (head?.node === this.#parts.self) {
      room.cameBack(head.version);
      return;
    }
    const message = decodeMessage(text);
    if (message === undefined) {
      this.#counts.ignored++;
      return;
    }
    this.#counts.received++;
    this.#census.liveness.heard(message.node, this.#parts.clock.now());
    room.receive(message);
  };

  /** The roll call comes first: so who finds our lists finds us among the living. */
  async #syncAll(connection: Connection): Promise<void> {
    await this.#census.call(connection);
    await tryPermissions(connection, this.#parts.keys.nodes());
    this.#sync.add(this.#rooms.values());
    await this.#sync.run(connection);
  }

  #onLive(connection: Connection): void {
    this.#isLive = true;
    this.#census.start(connection);
    this.#rereads.start(connection);
    this.#state.live();
    this.#tellOutcome();
    this.#runSync();
  }

  #onDown(why: Error): void {
    if (this.#isLive) this.#counts.lost++;
    this.#isLive = false;
    this.#census.linkLost();
    this.#rereads.stop();
    for (const room of this.#rooms.values()) room.linkLost();
    this.#state.degraded(why);
    this.#tellOutcome();
  }

  #sayEverythingAgain(): void {
    this.#sync.add(this.#rooms.values());
    if (this.#isLive) this.#runSync();
  }

  /** An error that the connection has not met itself ends it all the same: nothing is certain any more. */
  #runSync(): void {
    const { connection } = this.#link;
    if (connection === undefined) return;
    this.#sync.run(connection).catch((error) => connection.destroy(error));
  }

  #forget(node: string): void {
    for (const room of this.#rooms.values()) room.forget(node);
  }

  #facts(): NodeFacts {
    let rooms = 0;
    let streams = 0;
    for (const { replica } of this.#rooms.values()) {
      if (replica.own.size > 0) rooms++;
      streams += replica.own.size;
    }
    return { startedAt: this.#startedAt, machine: hostname(), rooms, streams };
  }

  async #sayGoodbye(connection: Connection): Promise<void> {
    const rooms = [...this.#rooms.values()].map((room) => room.sayGoodbye(connection));
    await Promise.all([...rooms, this.#census.sayGoodbye(connection)]);
  }
}
