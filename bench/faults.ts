/**
 * How long each fault is felt with the real durations, against what docs/cluster.md promises: `npm run bench:faults`,
 * or `npm run bench:faults -- valkey-server`. Takes some two minutes. What happens in each fault is tested, with
 * shorter durations, by test/backplane.
 */
import type { Connect } from '../src/backplane/connection';
import { defaultTiming } from '../src/backplane/timing';
import { Cluster } from '../test/helpers/cluster';
import { findProgram } from '../test/helpers/programs';
import { RedisServer } from '../test/helpers/redis';
import { restartUnderManyRooms } from './many-rooms';

/** Milliseconds that anything may take before it is given up. */
const PATIENCE = 60_000;
const MANY_ROOMS = [20_000, 200_000];

let isKept = true;

/** One row of the table; a promise in seconds where there is one. */
function row(what: string, milliseconds: number, promise?: number): void {
  const isLate = promise !== undefined && milliseconds > promise * 1000;
  if (isLate) isKept = false;
  const bar = promise === undefined ? '' : `${promise} s${isLate ? ' — MISSED' : ''}`;
  console.log(`| ${what} | ${(milliseconds / 1000).toFixed(2)} s | ${bar} |`);
}

async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

async function nodeKilled(cluster: Cluster): Promise<void> {
  const [a, b] = await Promise.all([cluster.newProcess(), cluster.newProcess()]);
  await cluster.join(b, 'room', 'ben');
  for (let index = 0; index < 5; index++) await cluster.join(a, 'room', `client ${index}`);
  await cluster.agree();
  await cluster.kill(a);
  row('a node is killed: its streams are listed for another', await timed(cluster.agree(PATIENCE)), 13);
}

async function nodeFrozen(cluster: Cluster): Promise<void> {
  const [a, b] = await Promise.all([cluster.newProcess(), cluster.newProcess()]);
  await cluster.join(a, 'room', 'anna');
  await cluster.join(b, 'room', 'ben');
  await cluster.agree();
  a.child.kill('SIGSTOP');
  const frozen = cluster.forget(a);
  row('a node freezes: its streams are listed for another', await timed(cluster.agree(PATIENCE)), 13);
  a.child.kill('SIGCONT');
  cluster.remember(a, frozen);
  row('it wakes: its streams are back after', await timed(cluster.agree(PATIENCE)));
}

async function redisRestarted(cluster: Cluster, redis: RedisServer): Promise<void> {
  const nodes = [await cluster.newNode(), await cluster.newNode(), await cluster.newProcess()] as const;
  const [a, b, c] = nodes;
  for (let room = 0; room < 2_000; room++) {
    await Promise.all([a, b].map((node, at) => cluster.join(node, `room ${room}`, `client ${at}`)));
    if (room % 10 === 0) await cluster.join(c, `room ${room}`, 'client 2');
  }
  await cluster.agree(PATIENCE);
  const killed = performance.now();
  await redis.kill();
  await a.until('degraded');
  row('Redis is killed: reported as degraded after', performance.now() - killed, 5);
  const [leaving] = cluster.clientsOf(a);
  if (leaving !== undefined) await cluster.leave(leaving);
  for (let change = 0; change < 450; change++) await cluster.join(b, `room ${change}`, 'late');
  await redis.start();
  const after = 'Redis is back, empty, with 2,000 rooms and 451 changes meanwhile: all agree after';
  row(after, await timed(cluster.agree(PATIENCE)), 6);
}

/** As many rooms as two nodes may have, and a tenth of it. */
async function redisRestartedUnderManyRooms(_: Cluster, redis: RedisServer): Promise<void> {
  for (const rooms of MANY_ROOMS) {
    const { unlisted, agreed } = await restartUnderManyRooms(redis, rooms);
    const each = rooms.toLocaleString('en');
    row(`Redis is back, empty, with ${each} rooms on each of two nodes: all agree after`, agreed);
    console.log(`| meanwhile, times that somebody was not listed | ${unlisted} | 0 |`);
    if (unlisted > 0) isKept = false;
  }
}

async function redisFrozen(cluster: Cluster, redis: RedisServer): Promise<void> {
  const [a, b] = [await cluster.newNode(), await cluster.newNode()];
  const anna = await cluster.join(a, 'room', 'anna');
  await cluster.join(b, 'room', 'ben');
  await cluster.agree();
  redis.freeze();
  row('Redis freezes: reported as degraded after', await timed(a.until('degraded')), 5);
  row('a member joins meanwhile: it waits for', await timed(cluster.join(a, 'room', 'cleo')));
  await cluster.leave(anna);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  redis.thaw();
  row('Redis wakes: all agree after', await timed(cluster.agree(PATIENCE)), 6);
}

async function messagesLost(cluster: Cluster): Promise<void> {
  let losing = 0;
  const lose = (connect: Connect): Connect => {
    return (onMessage, stop) =>
      connect((channel, text) => (losing-- > 0 ? undefined : onMessage(channel, text)), stop);
  };
  const [a, b] = [await cluster.newNode(), await cluster.newNode({}, { wrap: lose })];
  for (let room = 0; room < 50; room++) await cluster.join(b, `room ${room}`, 'ben');
  await cluster.agree();
  losing = 50;
  for (let room = 0; room < 50; room++) await cluster.join(a, `room ${room}`, 'anna');
  row('50 messages are lost: all are repaired after', await timed(cluster.agree(PATIENCE)), 35);
}

/** Two nodes are replaced, one after the other, under clients that come back at once: nobody may be missing, or move. */
async function nodesReplaced(cluster: Cluster): Promise<void> {
  const observer = await cluster.join(await cluster.newNode(), 'room', 'observer');
  const old = [await cluster.newNode(), await cluster.newNode()];
  for (let index = 0; index < 47; index++) {
    const node = old[index % 2];
    if (node !== undefined) await cluster.join(node, 'room', `client ${index}`);
  }
  await cluster.agree();
  cluster.expectAll();
  const before = observer.streams;
  for (const node of old) {
    const fresh = await cluster.newNode();
    const clients = cluster.forget(node);
    const closed = node.close();
    await Promise.all(
      clients.map(async (client) => {
        await client.closed();
        await cluster.join(fresh, 'room', client.name);
      }),
    );
    await closed;
    await cluster.agree();
  }
  const moved = observer.streams.filter((name, index) => name !== before[index]).length;
  if (observer.missed.length > 0 || moved > 0) isKept = false;
  const what = 'two nodes are replaced, 47 clients come back: times that one was missing, and that moved';
  console.log(`| ${what} | ${observer.missed.length}, ${moved} | 0, 0 |`);
}

async function stops(cluster: Cluster, redis: RedisServer): Promise<void> {
  const [a, b, c] = [await cluster.newNode(), await cluster.newNode(), await cluster.newNode()];
  await cluster.join(b, 'room', 'ben');
  for (let index = 0; index < 20; index++) await cluster.join(a, 'room', `client ${index}`);
  await cluster.agree();
  cluster.forget(a);
  const closed = a.close();
  row(
    'a node stops, and nobody comes back: its streams are listed for',
    await timed(cluster.agree(PATIENCE)),
    8,
  );
  await closed;
  redis.freeze();
  await cluster.join(c, 'room', 'cleo');
  cluster.forget(c);
  row('a node stops while Redis is frozen: that takes', await timed(c.close()), 2.5);
  redis.thaw();
}

async function main(): Promise<void> {
  const name = process.argv[2] ?? 'redis-server';
  if (name !== 'redis-server' && name !== 'valkey-server') throw new Error(`not a server for this: ${name}`);
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is missing: apt-get install ${name}`);
  console.log(`${name}:\n`);
  console.log('| what | measured | promised |\n| --- | --- | --- |');
  for (const story of [
    nodeKilled,
    nodeFrozen,
    redisRestarted,
    redisRestartedUnderManyRooms,
    redisFrozen,
    messagesLost,
    nodesReplaced,
    stops,
  ]) {
    const redis = await RedisServer.start(program);
    const cluster = new Cluster(redis.url, defaultTiming);
    try {
      await story(cluster, redis);
    } finally {
      redis.thaw();
      await cluster.close();
      await redis.stop();
    }
  }
  process.exit(isKept ? 0 : 1);
}

void main();
