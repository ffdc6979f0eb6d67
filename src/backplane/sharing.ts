/** What goes on over a link: rooms are synced, read again, set aside and given up, and nodes come and go. */
import type { Clock } from '../clock';
import type { NodeStatus } from '../conference/backplane-status';
import type { Logger } from '../logging/events';
import { listProblem } from './address-lists';
import { AntiEntropy } from './anti-entropy';
import type { Connection, KeyRefusal } from './connection';
import { SentLately } from './digest';
import { DigestExchange } from './digest-exchange';
import { EvictionWatch } from './eviction';
import { agreeOn } from './formats';
import type { NodeKeys, RoomKeys } from './keys';
import { LeftRooms } from './left-rooms';
import { deleteDead, takeOut } from './leftovers';
import type { Liveness } from './liveness';
import { Membership } from './membership';
import { DELTA_FORMAT, type FormatRange, type Message } from './message';
import type { MovableRoom } from './movable-room';
import type { NodeFacts } from './node-facts';
import { tryPermissions } from './permissions';
import { explain, toError } from './problems';
import type { RoomDirectory } from './room-directory';
import { type ReadResult, RoomReader } from './room-reader';
import { RoomSync } from './room-sync';
import { SetAside } from './set-aside';
import type { SharedRoom } from './shared-room';
import type { State } from './state';
import { Strangers } from './strangers';
import type { Timing } from './timing';

export interface SharingParts {
  readonly self: string;
  readonly nodeKeys: () => NodeKeys;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly logger: Logger;
  readonly formats: FormatRange;
  readonly rooms: RoomDirectory;
  readonly state: State;
  readonly counts: { received: number; ignored: number; repaired: number };
  readonly facts: () => NodeFacts;
  /** The addresses of Redis that this node has, as `listName` names them. */
  readonly addresses: string;
  /** Whether a room's keys are in this Redis: a cluster may have moved them. */
  readonly owns: (keys: RoomKeys) => boolean;
  readonly nextVersion: () => number;
  /** The connection that is being synced or live. */
  readonly connection: () => Connection | undefined;
  readonly isLive: () => boolean;
}

export class Sharing {
  readonly antiEntropy: AntiEntropy;
  /** The lists that this node has sent lately. */
  readonly sent: SentLately;
  readonly #parts: SharingParts;
  readonly #membership: Membership;
  readonly #sync: RoomSync;
  readonly #setAside: SetAside;
  readonly #strangers: Strangers;
  readonly #left = new LeftRooms();
  readonly #eviction: EvictionWatch;
  #format: number;

  constructor(parts: SharingParts) {
    const { self, clock, timing, logger, rooms, counts } = parts;
    this.#parts = parts;
    this.#format = parts.formats.newest;
    this.#membership = new Membership({
      self,
      keys: parts.nodeKeys,
      clock,
      timing,
      facts: parts.facts,
      onDead: (node, hasSaidSo) => this.#forget(node, hasSaidSo),
      onForgotten: () => this.#sayEverythingAgain(),
      onBeat: (connection) => this.#onBeat(connection),
    });
    const reader = new RoomReader(self, this.#membership, clock, timing);
    const onRead = (connection: Connection, result: ReadResult) => this.#afterRead(connection, result);
    this.#sync = new RoomSync(reader, clock, onRead);
    this.#setAside = new SetAside({
      clock,
      logger,
      pause: timing.setAside,
      retry: (room) => this.opened(room),
    });
    this.#eviction = new EvictionWatch(parts.state);
    this.sent = new SentLately(timing.reread);
    this.antiEntropy = new AntiEntropy({
      ...{ rooms: rooms.all, reader, clock, timing },
      digests: new DigestExchange({ self, keys: parts.nodeKeys, rooms: rooms.all, sent: this.sent, timing }),
      haveDigests: () => this.#format >= DELTA_FORMAT,
      onRead: (connection, result) => {
        counts.repaired += result.repaired;
        onRead(connection, result);
      },
      onRefused: (room, why) => this.setAside(room, why),
      onDigests: (refusal) => parts.state.concern('digests', refusal && explain(refusal)),
    });
    this.#strangers = new Strangers(
      () => this.askWhoLives(),
      (node) => this.liveness.knows(node),
      (room) => {
        counts.ignored++;
        this.antiEntropy.suspect([room]);
      },
    );
  }

  /** The newest format that all nodes understand. */
  get format(): number {
    return this.#format;
  }

  /** Redis has all that this node holds. */
  get synced(): boolean {
    return this.#parts.isLive() && this.#sync.done;
  }

  /** Which of the other nodes live. */
  get liveness(): Liveness {
    return this.#membership.liveness;
  }

  nodes(): NodeStatus[] {
    return this.#membership.nodes();
  }

  /** The first heartbeat comes before all: so who finds our lists finds us among the living. */
  async syncAll(connection: Connection): Promise<void> {
    const { self, nextVersion, nodeKeys, rooms, clock } = this.#parts;
    await this.#membership.start(connection);
    await tryPermissions(connection, nodeKeys());
    await this.#eviction.look(connection);
    const left = this.#left.recent(clock.now()).filter(this.#parts.owns);
    await Promise.all(
      left.map((keys) => takeOut(connection, keys, { node: self, version: nextVersion() }, this.#format)),
    );
    this.#sync.addAll(rooms.all.values());
    await this.#sync.run(connection);
  }

  linkLive(connection: Connection): void {
    this.#membership.linkLive();
    this.antiEntropy.start(connection);
    this.#runSync();
  }

  linkLost(): void {
    this.#membership.linkLost();
    this.antiEntropy.stop();
    this.#setAside.clear();
    this.#strangers.clear();
    for (const room of this.#parts.rooms.all.values()) room.linkLost();
  }

  /** A room is to be synced: it is new, or is tried again. */
  opened(room: SharedRoom): void {
    this.#left.remove(room.name);
    this.#sync.add([room]);
    if (this.#parts.isLive()) this.#runSync();
  }

  /** A room moves to another primary: nothing is done for it here any more. */
  release(room: SharedRoom): void {
    this.#sync.remove(room);
    this.#setAside.remove(room);
    this.#parts.rooms.remove(room);
  }

  /** A room has moved here. Who holds it elsewhere is dead if it is not among the living here soon. */
  adopt(room: MovableRoom): void {
    const { rooms, clock } = this.#parts;
    rooms.add(room);
    for (const node of room.replica.holders()) this.liveness.expect(node, clock.now());
    this.opened(room);
  }

  close(room: SharedRoom): void {
    const { rooms, connection, clock } = this.#parts;
    room.close();
    this.#sync.remove(room);
    this.#setAside.remove(room);
    if (!rooms.remove(room)) return;
    this.#left.add(room.name, room.keys, clock.now());
    const open = connection();
    open?.unsubscribe(room.keys.channel).catch((error) => open.destroy(toError(error)));
  }

  setAside(room: SharedRoom, why: KeyRefusal): void {
    this.#setAside.add(room, why);
  }

  receive(room: SharedRoom, message: Message): void {
    const { clock, counts } = this.#parts;
    counts.received++;
    const { liveness } = this;
    if (!liveness.knows(message.node)) {
      this.#strangers.receive(room, message);
      return;
    }
    liveness.heard(message.node, clock.now());
    room.receive(message);
  }

  /** Nothing is said any more but the goodbye. */
  stop(): void {
    this.#membership.stop();
    this.antiEntropy.stop();
    this.#setAside.clear();
    this.#sync.stop();
  }

  /**
   * First for all rooms together, since thousands of them may take longer than there is.
   * @param grace as in `OwnList.sayGoodbye`
   */
  async sayGoodbye(connection: Connection, grace: number | undefined): Promise<void> {
    const left = this.#membership.leave(connection, grace ?? 0);
    const rooms = [...this.#parts.rooms.all.values()].map((room) => room.list.sayGoodbye(connection, grace));
    const outcomes = await Promise.allSettled([left, ...rooms]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  #onBeat(connection: Connection): void {
    const { formats, addresses, state } = this.#parts;
    const nodes = [...this.liveness.nodes()];
    const { format, problem } = agreeOn(formats, nodes);
    const isOlder = format < this.#format;
    this.#format = format;
    // Somebody has come who could not read what we have said until now.
    if (isOlder) this.#sayEverythingAgain();
    state.concern('format', problem);
    state.concern('addresses', listProblem(addresses, nodes));
    this.#eviction.onBeat(connection);
  }

  /** Never rejects: where it fails, the connection ends. */
  async askWhoLives(): Promise<void> {
    const connection = this.#parts.connection();
    if (connection === undefined) return;
    await this.#membership.beat(connection).catch((error) => connection.destroy(toError(error)));
  }

  /** An error that the connection has not met itself ends it all the same: nothing is certain any more. */
  #runSync(): void {
    const connection = this.#parts.connection();
    if (connection === undefined) return;
    this.#sync.run(connection).catch((error) => connection.destroy(toError(error)));
  }

  #afterRead(connection: Connection, { lost, refused, dead, read, lacking }: ReadResult): void {
    for (const room of lost) room.list.sayAgain();
    for (const { room, why } of refused) this.#setAside.add(room, why);
    for (const room of read) {
      this.#setAside.works(room);
      this.antiEntropy.found(room, lacking.has(room) || room.hasUnheard);
    }
    deleteDead(connection, dead);
  }

  #sayEverythingAgain(): void {
    this.#sync.addAll(this.#parts.rooms.all.values());
    if (this.#parts.isLive()) this.#runSync();
  }

  /**
   * What it has left in Redis is deleted by whoever reads it. Where it has handed its streams over, the read comes
   * first: the message of somebody who is back elsewhere may be lost.
   */
  #forget(node: string, hasSaidSo: boolean): void {
    const rooms = [...this.#parts.rooms.all.values()].filter(
      ({ replica }) => replica.versionOf(node) !== undefined,
    );
    this.antiEntropy.suspect(rooms);
    for (const room of rooms) {
      const isRead = room.state !== 'opening' && room.replica.isHolder(node);
      if (!hasSaidSo || !isRead) room.forget(node);
    }
  }
}
