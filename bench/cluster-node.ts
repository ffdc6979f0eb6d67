/** One node of the cluster scenario, without sockets: the backplane alone, doing what its parent asks for. */
import { EventEmitter } from 'node:events';
import { createBackplane } from '../src/backplane/create';
import type { BackplaneEvents } from '../src/conference/backplane';
import { encodeName, encodeRoster } from '../src/conference/protocol';
import { silentLogger } from '../src/log';
import { systemClock } from '../test/helpers/clock';

/** What a node is asked to do; it answers each with a `Report` when it is done. */
export type Task =
  | { readonly what: 'open'; readonly rooms: number; readonly members: number }
  | { readonly what: 'churn'; readonly changesPerSecond: number; readonly seconds: number }
  | { readonly what: 'storm'; readonly joins: number }
  | { readonly what: 'rest'; readonly seconds: number };

export interface Report {
  /** Seconds on a CPU while it did so. */
  readonly cpu: number;
  /** Joins and leaves that it made. */
  readonly changes: number;
  /** Lists that it sent. */
  readonly published: number;
  /** Streams that it knows in the room of the storm. */
  readonly stormSize: number;
}

/** Milliseconds between two portions of work. */
const PORTION = 5;
const STORM = 'storm';

const [redisUrl = '', id = ''] = process.argv.slice(2);
const backplane = createBackplane(
  { redisUrl, redisPrefix: 'bench' },
  { clock: systemClock, logger: silentLogger, events: new EventEmitter<BackplaneEvents>() },
);
const stream = (name: string) => ({ name, encoded: encodeName(name) });
const rooms: { name: string; here: string[] }[] = [];
let minted = 0;

/** As a conference would: the roster is made whenever the room has changed. */
function tell(room: string): void {
  if (backplane.knows(room)) encodeRoster(encodeName(room), backplane.streams(room, []));
}

function join(room: (typeof rooms)[number]): void {
  const name = `${id}-${minted++}`;
  room.here.push(name);
  backplane.streamJoined(room.name, stream(name));
  tell(room.name);
}

function leave(room: (typeof rooms)[number]): void {
  const name = room.here.shift();
  if (name === undefined) return;
  backplane.streamLeft(room.name, stream(name));
  tell(room.name);
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function open(count: number, members: number): Promise<number> {
  for (let index = 0; index < count; index++) {
    const room = { name: `room ${index}`, here: [] };
    rooms.push(room);
    for (let member = 0; member < members; member++) join(room);
    if (index % 200 === 199) await wait(PORTION);
  }
  return count * members;
}

async function churn(changesPerSecond: number, seconds: number): Promise<number> {
  const startedAt = performance.now();
  let changes = 0;
  for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - startedAt) {
    for (; changes < (elapsed / 1000) * changesPerSecond; changes++) {
      const room = rooms[Math.floor(Math.random() * rooms.length)];
      if (room === undefined) break;
      if (changes % 2 === 0) leave(room);
      else join(room);
    }
    await wait(PORTION);
  }
  return changes;
}

async function storm(joins: number): Promise<number> {
  const room = { name: STORM, here: [] };
  for (let made = 0; made < joins; made++) {
    join(room);
    if (made % 5 === 4) await wait(PORTION);
  }
  await wait(1_000);
  return joins;
}

async function run(task: Task): Promise<Report> {
  const { published } = backplane.status().counts;
  const before = process.cpuUsage();
  let changes = 0;
  if (task.what === 'open') changes = await open(task.rooms, task.members);
  else if (task.what === 'churn') changes = await churn(task.changesPerSecond, task.seconds);
  else if (task.what === 'storm') changes = await storm(task.joins);
  else await wait(task.seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return {
    cpu: (user + system) / 1e6,
    changes,
    published: backplane.status().counts.published - published,
    stormSize: [...backplane.streams(STORM, [])].length,
  };
}

process.on('disconnect', () => process.exit());
process.on('message', (task: Task) => {
  void run(task).then((report) => process.send?.(report));
});
void backplane.start(tell).then(() => process.send?.('ready'));
