/**
 * Many nodes over Redis or Valkey. State, not events: each node tells the others its whole list of a room, so that
 * whatever is lost is said again by the next message or the next read.
 */
import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import type { Backplane, BackplaneEvents, BackplaneStatus, NodeStatus } from '../conference/backplane';
import type { Clock } from '../conference/broadcaster';
import type { RosterStream } from '../conference/rooms';
import type { Logger } from '../log';
import type { Connect, Connection } from './connection';
import type { Keys } from './keys';
import { LamportClock } from './lamport-clock';
import { Link } from './link';
import { Liveness } from './liveness';
import { decodeMessage, peekHead } from './message';
import type { NodeFacts } from './node-facts';
import { callRoll } from './roll-call';
import { RoomReader } from './room-reader';
import { RoomSync } from './room-sync';
import { Rotation } from './rotation';
import { keptFor, type RoomOwner, SharedRoom } from './shared-room';
import { State } from './state';
import type { Timing } from './timing';

export interface RedisBackplaneParts {
  /** This node's name among the others, as `newNodeId` makes it. */
  readonly self: string;
  readonly connect: Connect;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly timing: Timing;
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
  readonly #liveness: Liveness;
  readonly #reader: RoomReader;
  readonly #sync: RoomSync;
  readonly #rereads: Rotation<SharedRoom>;
  readonly #link: Link;
  readonly #state: State;
  readonly #owner: RoomOwner;
  readonly #startedAt = Date.now();
  readonly #counts = { published: 0, received: 0, ignored: 0, lost: 0, repaired: 0 };
  #version = 0;
  #roomChanged: (room: string) => void = () => {};
  #isLive = false;
  #cancelRefresh: () => void = () => {};
  #cancelReread: () => void = () => {};
  #firstOutcome: () => void = () => {};

  constructor(parts: RedisBackplaneParts) {
    const { self, connect, clock, timing, logger, events } = parts;
    this.#parts = parts;
    this.#liveness = new Liveness(timing.expiry);
    this.#reader = new RoomReader({
      self,
      liveness: this.#liveness,
      now: () => clock.now(),
      settleTime: 2 * timing.expiry,
      callRoll: async (connection) => void (await this.#callRoll(connection)),
    });
    this.#sync = new RoomSync(this.#reader);
    this.#rereads = new Rotation(() => this.#rooms.values());
    this.#state = new State(logger, () => events.emit('state', this.status()));
    this.#link = new Link({
      connect,
      clock,
      timing,
      random: Math.random,
      onMessage: this.#onMessage,
      sync: (connection) => this.#syncAll(connection),
      onLive: () => this.#onLive(),
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
      this.#firstOutcome = () => {
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
    const self: NodeStatus = { id: this.#parts.self, self: true, state: 'live', ...this.#facts() };
    const unknown = { startedAt: Infinity, machine: '', rooms: 0, streams: 0 };
    const others = [...this.#liveness.nodes()].map(
      ({ id, listed, facts = unknown }): NodeStatus => ({
        id,
        self: false,
        state: listed ? 'live' : 'silent',
        ...facts,
      }),
    );
    const nodes = [self, ...others].sort((a, b) => a.startedAt - b.startedAt);
    return { ...this.#state.facts, nodes, counts: { ...this.#counts } };
  }

  async stop(): Promise<void> {
    const { clock, timing } = this.#parts;
    const connection = this.#isLive ? this.#link.connection : undefined;
    this.#isLive = false;
    this.#firstOutcome();
    this.#cancelRefresh();
    this.#cancelReread();
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
    this.#link.connection?.unsubscribe(room.keys.channel).catch(alreadyKnown);
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
    this.#liveness.heard(message.node, this.#parts.clock.now());
    room.receive(message);
  };

  /** The roll call comes first: so who finds our lists finds us among the living. */
  async #syncAll(connection: Connection): Promise<void> {
    await this.#callRoll(connection);
    await this.#tryPermissions(connection);
    this.#sync.add(this.#rooms.values());
    await this.#sync.run(connection);
  }

  /** Uses whatever a room will use, so that a missing permission is found at the start. */
  async #tryPermissions(connection: Connection): Promise<void> {
    const { keys, self, timing } = this.#parts;
    const { channel, facts } = keys.nodes();
    await connection.subscribe([channel]);
    await connection.publish(channel, '');
    await connection.setField(facts, `${self}?`, '');
    await connection.readHash(facts);
    await connection.deleteFields(facts, [`${self}?`]);
    await connection.expire(facts, timing.expiry);
    await connection.unsubscribe(channel);
  }

  #onLive(): void {
    this.#isLive = true;
    this.#liveness.startAnew(this.#parts.clock.now());
    this.#state.live();
    this.#firstOutcome();
    this.#scheduleRefresh();
    this.#scheduleReread();
    this.#runSync();
  }

  #onDown(why: Error): void {
    if (this.#isLive) this.#counts.lost++;
    this.#isLive = false;
    this.#cancelRefresh();
    this.#cancelReread();
    this.#liveness.linkLost();
    for (const room of this.#rooms.values()) room.linkLost();
    this.#state.degraded(why);
    this.#firstOutcome();
  }

  #runSync(): void {
    const { connection } = this.#link;
    if (connection !== undefined) this.#sync.run(connection).catch(alreadyKnown);
  }

  #scheduleRefresh(): void {
    const { clock, timing } = this.#parts;
    this.#cancelRefresh = clock.schedule(() => this.#refresh().catch(alreadyKnown), timing.refresh);
  }

  async #refresh(): Promise<void> {
    const { connection } = this.#link;
    if (connection === undefined) return;
    const wasThere = await this.#callRoll(connection);
    if (!this.#isLive || connection !== this.#link.connection) return;
    this.#scheduleRefresh();
    if (!wasThere) this.#sayEverythingAgain();
  }

  /** Somebody has emptied Redis, or this process has slept for longer than the others wait. */
  #sayEverythingAgain(): void {
    this.#sync.add(this.#rooms.values());
    this.#runSync();
  }

  /** @returns whether this node was known to be alive */
  async #callRoll(connection: Connection): Promise<boolean> {
    const { clock, keys, self, timing } = this.#parts;
    const facts = this.#facts();
    const { wasThere, living } = await callRoll(connection, keys.nodes(), self, facts, timing.expiry);
    if (!wasThere) this.#liveness.startAnew(clock.now());
    for (const node of this.#liveness.refreshed(living, clock.now())) {
      for (const room of this.#rooms.values()) room.forget(node);
    }
    return wasThere;
  }

  #scheduleReread(): void {
    const { clock, timing } = this.#parts;
    const tick = Math.max(timing.reread / 300, 10);
    this.#cancelReread = clock.schedule(() => this.#reread(tick).catch(alreadyKnown), tick);
  }

  async #reread(tick: number): Promise<void> {
    const { connection } = this.#link;
    if (connection === undefined) return;
    const { timing } = this.#parts;
    const turn = this.#rereads.next(tick / timing.reread, this.#rooms.size);
    const rooms = turn.filter((room) => room.subscribedOn === connection);
    const expiries = rooms.map((room) => connection.expire(room.keys.hash, keptFor(timing)));
    const [{ news, lost }] = await Promise.all([this.#reader.read(connection, rooms), ...expiries]);
    for (const room of lost) room.restore();
    this.#counts.repaired += news + lost.length;
    if (this.#isLive && connection === this.#link.connection) this.#scheduleReread();
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
    const { keys, self } = this.#parts;
    const { living, facts } = keys.nodes();
    const rooms = [...this.#rooms.values()].map((room) => room.sayGoodbye(connection));
    await Promise.all([
      ...rooms,
      connection.removeFromSet(living, self),
      connection.deleteFields(facts, [self]),
    ]);
  }
}

/** The link hears of every error by the connection itself, and tells of it. */
function alreadyKnown(): void {}
