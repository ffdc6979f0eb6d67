/**
 * Rooms are spread over several primaries by their slot: several plain Redis, or those of a Redis Cluster. Each primary
 * has a backplane of its own, with its own link, heartbeat and members, so that the loss of one is felt by its rooms
 * only. What was given as plain addresses and turns out to be a Redis Cluster, is used as one from then on.
 */
import { EventEmitter } from 'node:events';
import type { Backplane, Notes } from '../conference/backplane';
import type { BackplaneEvents, BackplaneStatus } from '../conference/backplane-status';
import type { RosterStream } from '../conference/rooms';
import type { RedisAddress } from '../redis-addresses';
import { CLUSTER_LIST, listName } from './address-lists';
import type { ClusterMap } from './cluster-map';
import { ClusterWatch } from './cluster-watch';
import type { Connect } from './connection';
import { slotOfRoom } from './keys';
import { saysCluster, toError } from './problems';
import type { Servers } from './redis-servers';
import { Shard, type ShardPlace } from './shard';
import { type CommonParts, newCounters } from './shard-parts';
import { type MergedStatus, mergeStatus } from './shard-status';
import { overlap, rangeOf, SLOTS } from './slots';

export interface ShardsParts extends CommonParts {
  /** At least one. */
  readonly addresses: readonly RedisAddress[];
  readonly servers: Servers;
  readonly notes?: Notes;
}

export class Shards implements Backplane {
  readonly notes?: Notes;
  readonly #parts: ShardsParts;
  readonly #counters = newCounters();
  readonly #stop = new AbortController();
  #shards: readonly Shard[];
  /** Slot → index of its shard. */
  #owners: Uint16Array;
  readonly #watch: ClusterWatch;
  #inCluster = false;
  #standsStill = false;
  #shown: MergedStatus;
  #since = Date.now();
  #roomChanged: (room: string) => void = () => {};
  /** The links of the last map are live, or have failed for the first time. */
  #started: Promise<unknown> = Promise.resolve();

  constructor(parts: ShardsParts) {
    const { addresses, clock, timing } = parts;
    this.#parts = parts;
    if (parts.notes !== undefined) this.notes = parts.notes;
    const list = listName(addresses.map(({ place }) => place));
    this.#shards = addresses.map((address, index) =>
      this.#newShard({ id: '', address, ranges: [rangeOf(index, addresses.length)] }, list),
    );
    this.#owners = ownersOf(this.#shards);
    this.#shown = this.#merged();
    this.#watch = new ClusterWatch({
      clock,
      interval: timing.expiry / 2,
      ask: (known) => this.#askForMap(known),
      onMap: (map) => this.#follow(map),
    });
  }

  async start(roomChanged: (room: string) => void): Promise<void> {
    this.#roomChanged = roomChanged;
    await Promise.all(this.#shards.map(({ backplane }) => backplane.start(roomChanged)));
    if (this.#inCluster) await this.#clusterStarted();
  }

  streamJoined(room: string, stream: RosterStream): void {
    this.#of(room).backplane.streamJoined(room, stream);
  }

  streamLeft(room: string, stream: RosterStream): void {
    this.#of(room).backplane.streamLeft(room, stream);
  }

  watch(room: string): void {
    this.#of(room).backplane.watch(room);
  }

  unwatch(room: string): void {
    this.#of(room).backplane.unwatch(room);
  }

  knows(room: string): boolean {
    return this.#of(room).backplane.knows(room);
  }

  streams(room: string, local: Iterable<RosterStream>): Iterable<RosterStream> {
    return this.#of(room).backplane.streams(room, local);
  }

  elsewhere(room: string, but?: string): number {
    return this.#of(room).backplane.elsewhere(room, but);
  }

  status(): BackplaneStatus {
    return { ...this.#merged(), since: this.#since };
  }

  async look(): Promise<void> {
    await Promise.all(this.#shards.map(({ backplane }) => backplane.look()));
  }

  standStill(): void {
    this.#standsStill = true;
    for (const { backplane } of this.#shards) backplane.standStill();
  }

  async stop(): Promise<void> {
    this.#watch.stop();
    this.notes?.stop();
    this.#stop.abort(new Error('the node stops'));
    await Promise.all(this.#shards.map(({ backplane }) => backplane.stop()));
  }

  /** What turned out to be a cluster is waited for a little more. */
  async #clusterStarted(): Promise<void> {
    const { clock, timing } = this.#parts;
    let tooLate = () => {};
    const patience = new Promise<void>((resolve) => {
      tooLate = clock.schedule(resolve, timing.start);
    });
    const started = this.#watch.settle().then(
      () => this.#started,
      () => {},
    );
    await Promise.race([started, patience]);
    tooLate();
  }

  #of(room: string): Shard {
    const [only] = this.#shards;
    const shard = this.#shards.length === 1 ? only : this.#shards[this.#owners[slotOfRoom(room)] ?? 0];
    if (shard === undefined) throw new Error('there is no Redis to share rooms over');
    return shard;
  }

  #newShard(place: ShardPlace, addresses: string): Shard {
    const events = new EventEmitter<BackplaneEvents>();
    events.on('propagated', (milliseconds) => this.#parts.events.emit('propagated', milliseconds));
    events.on('state', () => this.#stateChanged());
    return new Shard(place, {
      ...this.#parts,
      counters: this.#counters,
      addresses,
      inCluster: addresses === CLUSTER_LIST,
      connect: (shard, onMessage, stop) => this.#connect(shard, onMessage, stop),
      events,
    });
  }

  /** A link that was lost in a cluster asks first who has its slots now. */
  async #connect(shard: Shard, ...[onMessage, stop]: Parameters<Connect>): ReturnType<Connect> {
    try {
      if (this.#inCluster) await this.#watch.settle();
      stop.throwIfAborted();
      const cluster = shard.inCluster ? { onMoved: () => this.#watch.learnSoon() } : undefined;
      const connection = await this.#parts.servers.connectTo(shard.address, cluster)(onMessage, stop);
      void connection.lost.then((why) => this.#linkLost(why));
      return connection;
    } catch (error) {
      this.#linkLost(toError(error));
      throw error;
    }
  }

  #linkLost(why: Error): void {
    this.#watch.doubt();
    this.#inCluster ||= saysCluster(why);
  }

  #askForMap(known: ClusterMap | undefined): Promise<ClusterMap> {
    const { servers, addresses } = this.#parts;
    const learnt = [...(known?.primaries ?? []).map(({ address }) => address), ...(known?.replicas ?? [])];
    return servers.askForMap([...learnt, ...addresses], this.#stop.signal);
  }

  #follow({ primaries }: ClusterMap): void {
    const gone = new Set(this.#shards);
    const find = (matches: (shard: Shard) => boolean) => {
      const found = [...gone].find((shard) => shard.inCluster && matches(shard));
      if (found !== undefined) gone.delete(found);
      return found;
    };
    const same = new Map(primaries.map((primary) => [primary, find(({ id }) => id === primary.id)]));
    const fresh: Shard[] = [];
    this.#shards = primaries.map((primary) => {
      // A replica that was promoted has the slots that its primary had.
      const shard = same.get(primary) ?? find(({ ranges }) => overlap(ranges, primary.ranges));
      if (shard !== undefined) {
        shard.moveTo(primary);
        return shard;
      }
      const added = this.#newShard(primary, CLUSTER_LIST);
      fresh.push(added);
      return added;
    });
    this.#owners = ownersOf(this.#shards);
    this.#parts.logger.info(
      { primaries: this.#shards.map(({ place }) => place) },
      'the Redis Cluster has told which primaries it has',
    );
    this.#moveRooms([...this.#shards, ...gone]);
    this.#started = Promise.all(fresh.map(({ backplane }) => this.#startLate(backplane)));
    for (const { backplane } of gone) backplane.abandon();
    this.#stateChanged();
  }

  async #startLate(backplane: Backplane): Promise<void> {
    if (this.#standsStill) backplane.standStill();
    await backplane.start(this.#roomChanged);
  }

  /** A link whose rooms have gone elsewhere is made anew: what it is subscribed to is not certain any more. */
  #moveRooms(from: readonly Shard[]): void {
    for (const { backplane } of from) {
      let moved = 0;
      for (const room of [...backplane.rooms]) {
        const to = this.#of(room.name).backplane;
        if (to === backplane) continue;
        backplane.moveRoom(room, to);
        moved++;
      }
      if (moved > 0) backplane.reconnect(new Error('slots have moved to another primary'));
    }
  }

  #merged(): MergedStatus {
    const [only] = this.#shards;
    if (only !== undefined && this.#shards.length === 1 && !only.inCluster) return only.backplane.status();
    return mergeStatus(this.#shards.map(({ place, backplane }) => ({ place, status: backplane.status() })));
  }

  #stateChanged(): void {
    const merged = this.#merged();
    const { state, why } = this.#shown;
    if (merged.state === state && merged.why === why) return;
    if (merged.state !== state) this.#since = Date.now();
    this.#shown = merged;
    this.#parts.events.emit('state', this.status());
  }
}

/** Which shard has which slot; slots that nobody has are the first one's, which says so. */
function ownersOf(shards: readonly Shard[]): Uint16Array {
  const owners = new Uint16Array(SLOTS);
  for (const [index, { ranges }] of shards.entries()) {
    for (const [from, to] of ranges) owners.fill(index, from, to + 1);
  }
  return owners;
}
