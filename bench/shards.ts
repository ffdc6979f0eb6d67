/**
 * What several primaries carry, and what the loss of one is felt like: `npm run bench:shards`. Takes some two minutes.
 * What happens is tested, with shorter durations, by test/backplane.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBackplane } from '../src/backplane/create';
import { slotOfRoom } from '../src/backplane/keys';
import { rangeOf } from '../src/backplane/slots';
import { systemClock } from '../src/clock';
import type { Backplane } from '../src/conference/backplane';
import type { BackplaneEvents } from '../src/conference/backplane-status';
import { encodeName } from '../src/conference/protocol';
import { silentLogger } from '../src/logging/events';
import { findProgram } from '../test/helpers/programs';
import { RedisServer } from '../test/helpers/redis';

const ROOMS = 3_000;
const PRIMARIES = 3;
/** Changes a second for each primary, and for how many seconds. */
const RATE = 1_000;
const SECONDS = 10;
/** Milliseconds between two looks, and between two portions of changes. */
const LOOK = 20;
const PORTION = 5;

const roomNames = Array.from({ length: ROOMS }, (_, index) => `room ${index}`);
const stream = (name: string) => ({ name, encoded: encodeName(name) });

/** The real backplane, with the members that a host would have. */
class BenchNode {
  readonly backplane: Backplane;
  /** The streams that it holds in each room, the oldest first. */
  readonly held = new Map<string, string[]>();
  readonly #index: number;
  #minted = 0;

  constructor(index: number, redisUrl: string) {
    this.#index = index;
    const surroundings = {
      clock: systemClock,
      logger: silentLogger,
      events: new EventEmitter<BackplaneEvents>(),
    };
    this.backplane = createBackplane({ redisUrl, redisPrefix: 'bench', handoverGrace: 0 }, surroundings);
  }

  join(room: string, name = `${this.#index} ${this.#minted++}`): void {
    const held = this.held.get(room) ?? [];
    this.held.set(room, held);
    held.push(name);
    this.backplane.streamJoined(room, stream(name));
  }

  leave(room: string): void {
    const name = this.held.get(room)?.shift();
    if (name !== undefined) this.backplane.streamLeft(room, stream(name));
  }

  size(room: string): number {
    return [...this.backplane.streams(room, [])].length;
  }
}

async function startNodes(count: number, redisUrl: string): Promise<BenchNode[]> {
  const nodes = Array.from({ length: count }, (_, index) => new BenchNode(index, redisUrl));
  await Promise.all(nodes.map(({ backplane }) => backplane.start(() => {})));
  return nodes;
}

/** Milliseconds until all nodes list so many in each of these rooms. */
async function untilAll(
  nodes: readonly BenchNode[],
  rooms: readonly string[],
  size: number,
): Promise<number> {
  const startedAt = performance.now();
  while (!nodes.every((node) => rooms.every((room) => node.size(room) === size))) await sleep(LOOK);
  return performance.now() - startedAt;
}

async function untilState(nodes: readonly BenchNode[], state: string): Promise<void> {
  while (nodes.some(({ backplane }) => backplane.status().state !== state)) await sleep(LOOK);
}

function row(what: string, measured: string): void {
  console.log(`| ${what} | ${measured} |`);
}

async function loseOne(servers: readonly RedisServer[], redisUrl: string): Promise<void> {
  const nodes = await startNodes(PRIMARIES, redisUrl);
  for (const [index, node] of nodes.entries()) for (const room of roomNames) node.join(room, `node ${index}`);
  await untilAll(nodes, roomNames, 3);
  const [from, to] = rangeOf(1, PRIMARIES);
  const others = roomNames.filter((room) => slotOfRoom(room) < from || slotOfRoom(room) > to);
  await servers[1]?.kill();
  await untilState(nodes, 'degraded');
  for (const room of roomNames) nodes[0]?.join(room, 'late');
  const undisturbed = await untilAll(nodes, others, 4);
  const silent = roomNames.filter((room) => nodes.some((node) => node.size(room) < 3));
  row(
    `one of ${PRIMARIES} primaries is killed, somebody joins each of ${ROOMS} rooms: rooms in which all nodes see it`,
    `${others.length}, within ${(undisturbed / 1000).toFixed(1)} s; rooms that lack somebody: ${silent.length}`,
  );
  await servers[1]?.start();
  const agreed = await untilAll(nodes, roomNames, 4);
  row('it is back, empty: all nodes agree in all rooms after', `${(agreed / 1000).toFixed(1)} s`);
  await Promise.all(nodes.map(({ backplane }) => backplane.stop()));
}

/** Seconds of CPU time of a server. */
async function cpuOf(server: RedisServer): Promise<number> {
  const info = String(await server.command('INFO', 'cpu'));
  const used = Array.from(info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm), ([, seconds]) =>
    Number(seconds),
  );
  return used.reduce((sum, seconds) => sum + seconds, 0);
}

/** How many scripts a server has run: one for each list that is told, and one for each heartbeat. */
async function scriptsOf(server: RedisServer): Promise<number> {
  const info = String(await server.command('INFO', 'commandstats'));
  return Number(/^cmdstat_eval:calls=(\d+)/m.exec(info)?.[1]);
}

interface Load {
  readonly changesPerSecond: number;
  /** Of a core, for each server. */
  readonly shares: readonly number[];
  /** How many lists each server is told, and heartbeats, for a change of all. */
  readonly scripts: readonly number[];
}

/** Changes rooms so often that each server has the same to do, however many there are. */
async function churn(servers: readonly RedisServer[], redisUrl: string): Promise<Load> {
  const nodes = await startNodes(PRIMARIES, redisUrl);
  for (const node of nodes)
    for (const room of roomNames) for (let held = 0; held < 3; held++) node.join(room);
  await untilAll(nodes, roomNames, 9);
  const before = await Promise.all(servers.map(cpuOf));
  await Promise.all(servers.map((server) => server.command('CONFIG', 'RESETSTAT')));
  const startedAt = performance.now();
  let changes = 0;
  for (let elapsed = 0; elapsed < SECONDS * 1000; elapsed = performance.now() - startedAt) {
    for (; changes < (elapsed / 1000) * RATE * servers.length; changes++) {
      const room = roomNames[Math.floor(Math.random() * ROOMS)] ?? '';
      const node = nodes[changes % nodes.length];
      if ((node?.held.get(room)?.length ?? 0) > 3) node?.leave(room);
      else node?.join(room);
    }
    await sleep(PORTION);
  }
  const after = await Promise.all(servers.map(cpuOf));
  const scripts = await Promise.all(servers.map(scriptsOf));
  const seconds = (performance.now() - startedAt) / 1000;
  await Promise.all(nodes.map(({ backplane }) => backplane.stop()));
  const shares = after.map((cpu, index) => (cpu - (before[index] ?? 0)) / seconds);
  return { changesPerSecond: changes / seconds, shares, scripts: scripts.map((count) => count / changes) };
}

async function withServers<T>(
  count: number,
  run: (servers: readonly RedisServer[], redisUrl: string) => Promise<T>,
): Promise<T> {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('redis-server is missing: apt-get install redis-server');
  const servers = await Promise.all(Array.from({ length: count }, () => RedisServer.start(program)));
  try {
    return await run(servers, servers.map(({ url }) => url).join());
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function main(): Promise<void> {
  console.log('| what | measured |\n| --- | --- |');
  await withServers(PRIMARIES, loseOne);
  const one = await withServers(1, churn);
  const several = await withServers(PRIMARIES, churn);
  for (const { changesPerSecond, shares, scripts } of [one, several]) {
    const load = shares.map((share) => `${(100 * share).toFixed(1)} %`).join(', ');
    row(
      `${Math.round(changesPerSecond)} changes a second over ${shares.length} Redis: of a core, each`,
      load,
    );
    const told = scripts.map((count) => count.toFixed(3)).join(', ');
    row(`scripts a change over ${shares.length} Redis, each`, told);
  }
  const ratio = Math.max(...one.scripts) / Math.max(...several.scripts);
  row('so, until the busiest is full: times the changes of one', ratio.toFixed(2));
}

void main();
