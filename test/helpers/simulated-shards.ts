/** Nodes over a simulated Redis Cluster, in time that passes when the test says so. */
import { EventEmitter } from 'node:events';
import { Network, type Way } from '../../simulate/network';
import { SimulatedRedis } from '../../simulate/redis';
import { ProcessClock, VirtualClock } from '../../simulate/virtual-clock';
import type { ClusterMap } from '../../src/backplane/cluster-map';
import type { Connect, Connection } from '../../src/backplane/connection';
import { Keys, slotOfRoom } from '../../src/backplane/keys';
import type { Servers } from '../../src/backplane/redis-servers';
import { Shards } from '../../src/backplane/shards';
import { rangeOf, SLOTS, type SlotRange, slotOfKey } from '../../src/backplane/slots';
import { defaultTiming } from '../../src/backplane/timing';
import type { Notes } from '../../src/conference/backplane';
import type { BackplaneEvents, BackplaneStatus } from '../../src/conference/backplane-status';
import type { Logger } from '../../src/logging/events';
import { redisAddresses } from '../../src/redis-addresses';
import { ContractNode } from '../contract/backplane';

/** Milliseconds one way. */
const LATENCY = 5;

interface Server {
  readonly place: string;
  readonly network: Network;
}

export class ShardedNode extends ContractNode {
  readonly process: ProcessClock;
  readonly way: Way;
  readonly index: number;
  isDead = false;
  /** Done when its start is. */
  started: Promise<unknown> = Promise.resolve();
  /** What it has told of its state. */
  readonly states: BackplaneStatus[] = [];
  /** How long its changes took to come back, in milliseconds. */
  readonly propagated: number[] = [];
  /** What it has written to its log. */
  lines: readonly { readonly level: string; readonly message: string; readonly facts: object }[] = [];
  readonly #onChange: (node: ShardedNode, room: string) => void;

  constructor(
    shards: Shards,
    index: number,
    process: ProcessClock,
    way: Way,
    onChange: (node: ShardedNode, room: string) => void,
  ) {
    super(shards);
    this.index = index;
    this.way = way;
    this.process = process;
    this.#onChange = onChange;
  }

  override onTold(room: string): void {
    if (!this.isDead) this.#onChange(this, room);
  }
}

export class SimulatedShards {
  readonly clock = new VirtualClock();
  readonly keys = new Keys('sim');
  readonly servers: Server[] = [];
  readonly nodes: ShardedNode[] = [];
  /** Whether a node hears at once that a slot has moved: what it asks for says it later. */
  tellsMoves = true;
  /** Each server takes every key, as one that is in no cluster does. */
  isPlain = false;
  /** Milliseconds that a map takes. */
  mapTakes = 2 * LATENCY;
  /** Who was asked for the map, and what ends the asking. */
  readonly asked: { readonly places: readonly string[]; readonly stop: AbortSignal }[] = [];
  onChange: (node: ShardedNode, room: string) => void = () => {};
  readonly #owners = new Uint8Array(SLOTS);
  readonly #onMoved = new Map<Connection, () => void>();
  #map: ClusterMap | undefined;

  constructor(primaries: number) {
    for (let index = 0; index < primaries; index++) {
      const [from, to] = rangeOf(index, primaries);
      this.#owners.fill(this.addServer(), from, to + 1);
    }
  }

  /** @returns its index */
  addServer(): number {
    const redis = new SimulatedRedis(() => 1_700_000_000_000 + this.clock.now());
    const network = new Network(redis, this.clock, defaultTiming, () => LATENCY);
    return this.servers.push({ place: `redis-${this.servers.length}:6379`, network }) - 1;
  }

  newNode({ notes, servers }: { notes?: Notes; servers?: readonly number[] } = {}): ShardedNode {
    const events = new EventEmitter<BackplaneEvents>();
    const lines: { level: string; message: string; facts: object }[] = [];
    const log = (level: string) => (facts: object, message?: string) => {
      lines.push({ level, message: message ?? '', facts });
    };
    const logger: Logger = { debug() {}, info: log('info'), warn: log('warn'), error: log('error') };
    const process = new ProcessClock(this.clock);
    const way = { blocked: false };
    const named = servers?.map((index) => this.#server(index)) ?? this.servers;
    const urls = named.map(({ place }) => `redis://${place}`);
    const shards = new Shards({
      self: `n${this.nodes.length}`,
      addresses: redisAddresses(urls.join()),
      servers: this.#serversFor(process, way),
      keys: this.keys,
      clock: process,
      timing: defaultTiming,
      random: () => 0.5,
      logger,
      events,
      sizes: { deltaFrom: 0, leastJournal: 1_000 },
      ...(notes === undefined ? {} : { notes }),
    });
    const node = new ShardedNode(shards, this.nodes.length, process, way, (changed, room) =>
      this.onChange(changed, room),
    );
    events.on('state', (status) => node.states.push(status));
    events.on('propagated', (milliseconds) => node.propagated.push(milliseconds));
    node.lines = lines;
    this.nodes.push(node);
    node.started = node.start();
    return node;
  }

  get living(): ShardedNode[] {
    return this.nodes.filter(({ isDead }) => !isDead);
  }

  kill(node: ShardedNode): void {
    node.isDead = true;
    node.process.end();
    for (const { network } of this.servers) network.cut(node.way);
  }

  ownerOf(room: string): number {
    return this.#owners[slotOfRoom(room)] ?? 0;
  }

  /** A room's slot goes to another server. @param withKeys as a migration does it */
  moveSlot(room: string, to: number, withKeys: boolean): void {
    const slot = slotOfRoom(room);
    const from = this.ownerOf(room);
    if (from === to) return;
    this.#own(to, slot, slot);
    const { hash, channel } = this.keys.room(room);
    const [old, its] = [this.#server(from).network, this.#server(to).network.redis];
    if (withKeys)
      for (const [node, text] of Object.entries(old.redis.readHash(hash))) its.setField(hash, node, text);
    old.redis.deleteKey(hash);
    if (withKeys) its.expire(hash, 100_000);
    for (const { channels } of old.redis.sessions) channels.delete(channel);
    if (this.tellsMoves)
      for (const connection of old.connections)
        this.clock.schedule(() => this.#onMoved.get(connection)?.(), LATENCY);
  }

  /** A new server takes the place of a primary that has died. @param withData the replica has kept up */
  promote(dead: number, withData: boolean): void {
    this.#server(dead).network.kill();
    const to = this.addServer();
    if (withData) this.#server(to).network.redis.restore(this.#server(dead).network.redis.copy());
    for (let slot = 0; slot < SLOTS; slot++) if (this.#owners[slot] === dead) this.#own(to, slot, slot);
  }

  /** Time passes, and all that is due in it is done. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    for (let more = true; more; ) {
      await new Promise(setImmediate);
      more = this.clock.step(end);
    }
  }

  #own(index: number, from: number, to: number): void {
    this.#owners.fill(index, from, to + 1);
    this.#map = undefined;
  }

  #server(index: number): Server {
    const server = this.servers[index];
    if (server === undefined) throw new Error(`there is no server ${index}`);
    return server;
  }

  #serversFor(process: ProcessClock, way: Way): Servers {
    return {
      connectTo: ({ place }, cluster): Connect => {
        const index = this.servers.findIndex((server) => server.place === place);
        const connect = this.#server(index).network.connect(
          { clock: process, run: (task) => process.run(task) },
          way,
        );
        return async (onMessage, stop) => {
          const connection = await connect(onMessage, stop);
          if (cluster !== undefined) this.#onMoved.set(connection, cluster.onMoved);
          return this.#redirecting(connection, index);
        };
      },
      askForMap: async (addresses, stop) => {
        this.asked.push({ places: addresses.map(({ place }) => place), stop });
        await new Promise<void>((resolve) => this.clock.schedule(resolve, this.mapTakes));
        if (!this.servers.some(({ network }) => network.up)) throw new Error('connect ECONNREFUSED');
        this.#map ??= this.#newMap();
        return this.#map;
      },
    };
  }

  /** What is asked of a server that has not the slot ends the connection, as over the real one. */
  #redirecting(connection: Connection, index: number): Connection {
    const check = async (key: string) => {
      if (this.isPlain || this.#owners[slotOfKey(key)] === index) return;
      const error = new Error(`MOVED ${slotOfKey(key)}`);
      connection.destroy(error);
      throw error;
    };
    return {
      lost: connection.lost,
      destroy: (why) => connection.destroy(why),
      subscribe: async (channels) => {
        await Promise.all(channels.map(check));
        await connection.subscribe(channels);
      },
      unsubscribe: (channel) => check(channel).then(() => connection.unsubscribe(channel)),
      readHash: (key) => check(key).then(() => connection.readHash(key)),
      run: (script, keys, args) => check(keys[0] ?? '').then(() => connection.run(script, keys, args)),
      evictionPolicy: () => connection.evictionPolicy(),
    };
  }

  #newMap(): ClusterMap {
    const ranges = this.servers.map((): SlotRange[] => []);
    for (let from = 0; from < SLOTS; ) {
      const owner = this.#owners[from] ?? 0;
      let to = from;
      while (to + 1 < SLOTS && this.#owners[to + 1] === owner) to++;
      ranges[owner]?.push([from, to]);
      from = to + 1;
    }
    const primaries = this.servers.map(({ place }, index) => ({
      id: `id-${index}`,
      address: { url: `redis://${place}`, place, database: 0 },
      ranges: ranges[index] ?? [],
    }));
    return { primaries: primaries.filter((primary) => primary.ranges.length > 0), replicas: [] };
  }
}
