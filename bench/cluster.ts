/**
 * What it costs and how long it takes to share rooms between nodes: `npm run bench:cluster`.
 * Needs redis-server. Everything runs on this machine, so the figures are those of a machine that does all at once.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { createBackplane } from '../src/backplane/create';
import type { BackplaneEvents } from '../src/conference/backplane';
import { encodeName } from '../src/conference/protocol';
import { silentLogger } from '../src/log';
import { systemClock } from '../test/helpers/clock';
import { joinTarget } from '../test/helpers/join-target';
import { findProgram } from '../test/helpers/programs';
import { RedisServer } from '../test/helpers/redis';
import type { Report, Task } from './cluster-node';

/** What the backplane may cost. */
const BARS = { nodePerChange: 100, redisPerChange: 15, stormPublishes: 300, idleShare: 5 };

const ROUNDS = 7;
const MAIN = join(__dirname, '..', 'dist', 'main.js');
const seconds = (value: number) => `${value.toFixed(2)} s`;
const micro = (value: number) => `${value.toFixed(1)} µs`;
const milli = (value: number) => `${value.toFixed(2)} ms`;
const verdict = (value: number, bar: number) => (value <= bar ? 'within' : 'MISSED');
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function quantile(samples: readonly number[], share: number): number {
  return samples.toSorted((a, b) => a - b)[Math.floor((samples.length - 1) * share)] ?? Number.NaN;
}

/** A child that runs the backplane alone. */
class BackplaneProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(redisUrl: string, id: string): Promise<BackplaneProcess> {
    const child = fork(join(__dirname, 'cluster-node.ts'), [redisUrl, id]);
    await once(child, 'message');
    return new BackplaneProcess(child);
  }

  async run(task: Task): Promise<Report> {
    this.#child.send(task);
    const [report] = await once(this.#child, 'message');
    return report;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

async function redisCpu(redis: RedisServer): Promise<number> {
  const info = String(await redis.command('INFO', 'cpu'));
  const field = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
  return field('used_cpu_user') + field('used_cpu_sys');
}

async function all(nodes: readonly BackplaneProcess[], task: Task): Promise<Report[]> {
  return Promise.all(nodes.map((node) => node.run(task)));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Joins on one node until the other one lists them. Both run in this process. */
async function propagation(redisUrl: string, joins: number): Promise<readonly number[]> {
  const newNode = () =>
    createBackplane(
      { redisUrl, redisPrefix: 'propagation' },
      { clock: systemClock, logger: silentLogger, events: new EventEmitter<BackplaneEvents>() },
    );
  const [here, there] = [newNode(), newNode()];
  let seen: () => void = () => {};
  await Promise.all([here.start(() => {}), there.start(() => seen())]);
  const stream = (name: string) => ({ name, encoded: encodeName(name) });
  for (let room = 0; room < 100; room++) {
    here.streamJoined(`room ${room}`, stream('here'));
    there.streamJoined(`room ${room}`, stream('there'));
  }
  await wait(500);
  const times: number[] = [];
  for (let made = 0; made < joins; made++) {
    const startedAt = performance.now();
    const heard = new Promise<void>((resolve) => {
      seen = resolve;
    });
    here.streamJoined(`room ${made % 100}`, stream(`stream ${made}`));
    await heard;
    times.push(performance.now() - startedAt);
    await wait(2);
  }
  await Promise.all([here.stop(), there.stop()]);
  return times;
}

/** Seconds that a process has spent on a CPU, all threads (proc(5), schedstat). */
function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const spent = (thread: string) =>
    Number.parseInt(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'), 10);
  return sum(threads.map(spent)) / 1e9;
}

/** CPU seconds of hosts and Redis for the same joins, spread over so many hosts. */
async function sameWork(redis: RedisServer, hosts: number): Promise<void> {
  const [rooms, members] = [300, 10];
  const env = {
    PATH: process.env.PATH,
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    REDIS_PREFIX: `w${hosts}`,
  };
  const started = await Promise.all(
    Array.from({ length: hosts }, async () => {
      const child = spawn(process.execPath, [MAIN], {
        env: hosts === 1 ? env : { ...env, REDIS_URL: redis.url },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface({ input: child.stdout })) {
        const { urls } = JSON.parse(line);
        if (urls !== undefined) return { child, url: String(urls[0]) };
      }
      throw new Error('the host did not start');
    }),
  );
  for (const { child } of started) child.stdout.resume();
  const cpu = () => sum(started.map(({ child }) => cpuSeconds(child.pid ?? 0)));
  const before = { hosts: cpu(), redis: await redisCpu(redis) };
  const startedAt = performance.now();
  const clients: WebSocket[] = [];
  let complete = 0;
  for (let member = 0; member < members; member++) {
    for (let room = 0; room < rooms; room++) {
      const { url } = started[(member + room) % hosts] ?? { url: '' };
      const client = new WebSocket(`${url}${joinTarget(`room ${room}`, `member ${member}`)}`);
      client.on('message', (data) => {
        if (JSON.parse(String(data)).streams.length === members) complete++;
      });
      clients.push(client);
      if (room % 20 === 19) await Promise.all(clients.slice(-20).map((opening) => once(opening, 'open')));
    }
  }
  while (complete < rooms * members) await wait(5);
  const wall = (performance.now() - startedAt) / 1000;
  const hostCpu = cpu() - before.hosts;
  const redisSeconds = (await redisCpu(redis)) - before.redis;
  for (const client of clients) client.terminate();
  for (const { child } of started) child.kill('SIGKILL');
  const joins = rooms * members;
  console.log(
    `| ${hosts} | ${seconds(wall)} | ${micro((hostCpu / joins) * 1e6)} | ${micro((redisSeconds / joins) * 1e6)} |`,
  );
}

/** Microseconds of CPU a change: a busy neighbour on the machine adds to them, so the least is told as well. */
function costs(who: string, rounds: readonly number[], bar: number): void {
  const [least, middle] = [Math.min(...rounds), quantile(rounds, 0.5)];
  const told = `${micro(middle)} a change, ${micro(least)} at the least`;
  console.log(`  ${who}: ${told} (${verdict(middle, bar)} ${bar})`);
}

async function main(): Promise<void> {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('redis-server is missing: apt-get install redis-server');
  const redis = await RedisServer.start(program);

  const quiet = await propagation(redis.url, 2_000);
  console.log(
    `propagation of a join: p50 ${milli(quantile(quiet, 0.5))}, p99 ${milli(quantile(quiet, 0.99))}`,
  );

  let nodes = await Promise.all(['a', 'b', 'c'].map((id) => BackplaneProcess.start(redis.url, id)));
  await all(nodes, { what: 'open', rooms: 1_000, members: 3 });
  await all(nodes, { what: 'churn', changesPerSecond: 2_000, seconds: 3 });
  const rounds: { node: number; redis: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await redisCpu(redis);
    const churned = await all(nodes, { what: 'churn', changesPerSecond: 2_000, seconds: 4 });
    const changes = sum(churned.map((report) => report.changes));
    const perChange = (cpu: number) => (cpu / changes) * 1e6;
    const nodeCpu = sum(churned.map(({ cpu }) => cpu));
    rounds.push({ node: perChange(nodeCpu), redis: perChange((await redisCpu(redis)) - before) });
  }
  console.log(`three nodes, rooms of about ten, 6,000 joins and leaves a second, ${ROUNDS} rounds of 4 s:`);
  costs(
    'all nodes together',
    rounds.map(({ node }) => node),
    BARS.nodePerChange,
  );
  costs(
    'Redis',
    rounds.map(({ redis }) => redis),
    BARS.redisPerChange,
  );
  const busy = all(nodes, { what: 'churn', changesPerSecond: 1_000, seconds: 8 });
  const loaded = await propagation(redis.url, 1_000);
  await busy;
  console.log(
    `propagation meanwhile 3,000 changes a second: p50 ${milli(quantile(loaded, 0.5))}, p99 ${milli(quantile(loaded, 0.99))}`,
  );

  const stormed = await all(nodes.slice(0, 2), { what: 'storm', joins: 500 });
  const publishes = sum(stormed.map(({ published }) => published));
  const sizes = stormed.map(({ stormSize }) => stormSize).join(' and ');
  console.log(
    `1,000 joins into one room over two nodes: ${publishes} publishes (${verdict(publishes, BARS.stormPublishes)} ${BARS.stormPublishes}), seen ${sizes}`,
  );
  await Promise.all(nodes.map((node) => node.stop()));
  await redis.command('FLUSHALL');

  nodes = await Promise.all(['a', 'b', 'c'].map((id) => BackplaneProcess.start(redis.url, id)));
  await all(nodes, { what: 'open', rooms: 20_000, members: 1 });
  await wait(10_000);
  const redisIdle = await redisCpu(redis);
  const rested = await all(nodes, { what: 'rest', seconds: 30 });
  const redisShare = (((await redisCpu(redis)) - redisIdle) / 30) * 100;
  const shares = rested.map(({ cpu }) => (cpu / 30) * 100);
  const worst = Math.max(...shares);
  console.log(
    `20,000 idle rooms on each of three nodes: ${shares.map((share) => `${share.toFixed(1)} %`).join(', ')} of a core (${verdict(worst, BARS.idleShare)} ${BARS.idleShare}), Redis ${redisShare.toFixed(1)} %`,
  );
  await Promise.all(nodes.map((node) => node.stop()));
  await redis.command('FLUSHALL');

  console.log('3,000 real joins into 300 rooms of ten (one host: without Redis):');
  console.log('| hosts | wall | CPU of all hosts a join | CPU of Redis a join |\n| --- | --- | --- | --- |');
  for (const hosts of [1, 2, 3]) await sameWork(redis, hosts);
  await redis.stop();
}

void main();
