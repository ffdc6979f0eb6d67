/**
 * Many nodes over Redis or Valkey. State, not events: each node tells the others its whole list of a room, so that
 * whatever is lost is said again by the next message or the next read.
 */
import { hostname } from 'node:os';
import type { Backplane } from '../conference/backplane';
import type { BackplaneStatus } from '../conference/backplane-status';
import type { RosterStream } from '../conference/rooms';
import { version as hostVersion } from '../version';
import { mostThatCanBe } from './bounds';
import type { Connect, Connection } from './connection';
import { Link } from './link';
import { defaultSizes } from './list-writer';
import { decodeMessage, FORMATS, type FormatRange, HANDOVER_FORMAT, peekHead } from './message';
import { MovableRoom } from './movable-room';
import type { NodeFacts } from './node-facts';
import { RoomDirectory } from './room-directory';
import { type CommonParts, type NodeCounters, newCounters, type ShardParts } from './shard-parts';
import type { RoomOwner } from './shared-room';
import { Sharing } from './sharing';
import { State } from './state';

export interface RedisBackplaneParts extends CommonParts {
  readonly connect: Connect;
  /** Formats that it says to understand, where they are others than it does. */
  readonly formats?: FormatRange;
  /** Where it is one of several primaries. */
  readonly shard?: ShardParts;
}

export class RedisBackplane implements Backplane {
  readonly #parts: RedisBackplaneParts;
  readonly #rooms = new RoomDirectory();
  readonly #sharing: Sharing;
  readonly #link: Link;
  readonly #state: State;
  readonly #owner: RoomOwner;
  readonly #counters: NodeCounters;
  readonly #counts = { published: 0, received: 0, ignored: 0, lost: 0, repaired: 0 };
  /** Members are sent away: what is held here stays as it is, until it is handed over. */
  #standsStill = false;
  #roomChanged: (room: string) => void = () => {};
  /** The link is live, or has failed for the first time. */
  #tellOutcome: () => void = () => {};

  constructor(parts: RedisBackplaneParts) {
    const { self, connect, keys, clock, timing, random, logger, events, shard } = parts;
    const nodeKeys = keys.nodes();
    this.#parts = parts;
    this.#counters = shard?.counters ?? newCounters();
    this.#state = new State(logger, () => events.emit('state', this.status()));
    this.#sharing = new Sharing({
      ...parts,
      formats: parts.formats ?? FORMATS,
      nodeKeys: shard?.nodeKeys ?? (() => nodeKeys),
      addresses: shard?.addresses ?? '',
      owns: shard?.owns ?? (() => true),
      rooms: this.#rooms,
      state: this.#state,
      counts: this.#counts,
      facts: () => this.#facts(),
      nextVersion: () => ++this.#counters.version,
      connection: () => this.#link.connection,
      isLive: () => this.#link.isLive,
    });
    this.#link = new Link({
      connect,
      clock,
      timing,
      random,
      onMessage: this.#onMessage,
      sync: (connection) => this.#sharing.syncAll(connection),
      onLive: (connection) => this.#onLive(connection),
      onDown: (why, wasLive) => this.#onDown(why, wasLive),
    });
    this.#owner = {
      self,
      clock,
      timing,
      sizes: parts.sizes ?? defaultSizes,
      stamps: this.#counters.stamps,
      connection: () => this.#link.connection,
      format: () => this.#sharing.format,
      mostThatCanBe: () => mostThatCanBe(Date.now()),
      nextVersion: () => ++this.#counters.version,
      versionSeen: (version) => {
        this.#counters.version = Math.max(this.#counters.version, version);
      },
      changed: (room) => this.#roomChanged(room.name),
      leaves: (node, grace) => this.#sharing.liveness.leaves(node, grace, clock.now()),
      stays: (node) => this.#sharing.liveness.stays(node),
      published: (room, version) => {
        this.#counts.published++;
        this.#sharing.sent.add(room, version, clock.now());
      },
      newcomer: (room) => this.#sharing.antiEntropy.check(room),
      missed: (room) => this.#sharing.antiEntropy.suspect([room]),
      propagated: (milliseconds) => events.emit('propagated', milliseconds),
      deserted: (room) => this.#sharing.close(room),
      refused: (room, why) => this.#sharing.setAside(room, why),
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
    if (!this.#standsStill) (this.#rooms.get(name) ?? this.#open(name)).join(stream.name);
  }

  streamLeft(name: string, stream: RosterStream): void {
    if (!this.#standsStill) this.#rooms.get(name)?.leave(stream.name);
  }

  watch(name: string): void {
    if (!this.#standsStill) (this.#rooms.get(name) ?? this.#open(name)).watch();
  }

  unwatch(name: string): void {
    if (!this.#standsStill) this.#rooms.get(name)?.unwatch();
  }

  knows(name: string): boolean {
    return this.#rooms.get(name)?.known ?? true;
  }

  streams(name: string, local: Iterable<RosterStream>): Iterable<RosterStream> {
    return this.#rooms.get(name)?.replica.streams ?? local;
  }

  elsewhere(name: string, but?: string): number {
    return this.#rooms.get(name)?.replica.elsewhere(but) ?? 0;
  }

  /** The rooms that have, or had lately, members on this node. */
  get rooms(): Iterable<MovableRoom> {
    return this.#rooms.all.values();
  }

  /** The room goes on over another primary, with all that is known of it. */
  moveRoom(room: MovableRoom, to: RedisBackplane): void {
    this.#sharing.release(room);
    room.moveTo(to.#owner);
    to.#sharing.adopt(room);
  }

  /** The connection is of no more use: another one is made. */
  reconnect(why: Error): void {
    this.#link.connection?.destroy(why);
  }

  status(): BackplaneStatus {
    return { ...this.#state.facts, nodes: this.#sharing.nodes(), counts: { ...this.#counts } };
  }

  async look(): Promise<void> {
    if (this.#link.isLive) await this.#sharing.askWhoLives();
  }

  standStill(): void {
    this.#standsStill = true;
  }

  async stop(): Promise<void> {
    const { clock, timing, logger } = this.#parts;
    this.#standsStill = true;
    const { connection } = this.#link;
    this.#tellOutcome();
    this.#sharing.stop();
    if (connection !== undefined) {
      const tooLate = clock.schedule(
        () => connection.destroy(new Error('the goodbye takes too long')),
        timing.stop,
      );
      await this.#sharing.sayGoodbye(connection, this.#grace).catch((error: Error) => {
        logger.warn({ why: error.message }, 'the other nodes were not told that this one stops');
      });
      tooLate();
    }
    this.abandon();
  }

  /** Ends it without a goodbye, as where its primary is none any more. */
  abandon(): void {
    this.#tellOutcome();
    this.#sharing.stop();
    for (const room of this.#rooms.all.values()) room.close();
    this.#link.stop();
    this.#state.stopped();
  }

  /** Milliseconds for which the others wait for our streams; none where some node would not understand that. */
  get #grace(): number | undefined {
    const { grace } = this.#parts.timing;
    return grace > 0 && this.#sharing.format >= HANDOVER_FORMAT ? grace : undefined;
  }

  #open(name: string): MovableRoom {
    const room = new MovableRoom(name, this.#parts.keys.room(name), this.#owner);
    this.#rooms.add(room);
    this.#sharing.opened(room);
    return room;
  }

  readonly #onMessage = (channel: string, text: string): void => {
    const room = this.#rooms.onChannel(channel);
    if (room === undefined) return;
    const head = peekHead(text);
    if (head?.node === this.#parts.self) {
      room.list.cameBack(head.version);
      return;
    }
    const message = decodeMessage(text, this.#owner.mostThatCanBe());
    if (message === undefined) this.#counts.ignored++;
    else this.#sharing.receive(room, message);
  };

  #onLive(connection: Connection): void {
    this.#sharing.linkLive(connection);
    this.#state.live();
    this.#tellOutcome();
  }

  #onDown(why: Error, wasLive: boolean): void {
    if (wasLive) this.#counts.lost++;
    this.#sharing.linkLost();
    this.#state.degraded(why);
    this.#tellOutcome();
  }

  #facts(): NodeFacts {
    return {
      startedAt: this.#counters.startedAt,
      machine: hostname(),
      ...this.#rooms.held(),
      version: hostVersion,
      formats: this.#parts.formats ?? FORMATS,
      synced: this.#sharing.synced,
      addresses: this.#parts.shard?.addresses ?? '',
    };
  }
}
