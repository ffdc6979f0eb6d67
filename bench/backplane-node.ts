/**
 * A node that is nothing but the host's backplane: no sockets, no members. Listens on `PORT`, shares rooms over
 * `REDIS_URL`, and does what it is asked by `POST /{task}`, whose body and answer are JSON.
 */
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackplaneEvents } from '../dist/conference/backplane-status';

/** Loads a module of the compiled host; compiled, this file stands in bench/dist/. */
const moduleOf = (name: string) => require(join(__dirname, '..', '..', 'dist', name));
const { createBackplane } = moduleOf('backplane/create') as typeof import('../dist/backplane/create');
const { encodeName, encodeRoster } = moduleOf(
  'conference/protocol',
) as typeof import('../dist/conference/protocol');
const { silentLogger } = moduleOf('logging/events') as typeof import('../dist/logging/events');
const { systemClock } = moduleOf('clock') as typeof import('../dist/clock');
const { keepYoungGenerationSmall } = moduleOf(
  'young-generation',
) as typeof import('../dist/young-generation');

keepYoungGenerationSmall();

interface OpenRoom {
  readonly name: string;
  /** How many streams this node held in it at first. */
  readonly members: number;
  /** The streams that it holds, the oldest first. */
  readonly here: string[];
}

interface Churn {
  readonly changesPerSecond: number;
  readonly seconds: number;
}

interface Churned {
  /** Joins and leaves. */
  readonly changes: number;
  /** For each list that was sent: milliseconds from its first change until Redis had told all nodes, this one too. */
  readonly propagations: readonly number[];
}

/** Milliseconds between two portions of work. */
const PORTION = 5;
/** Rooms opened in one portion, and joins of a storm. */
const OPENED = 200;
const STORMED = 5;
const STORM = 'storm';

const { PORT, REDIS_URL } = process.env;
const events = new EventEmitter<BackplaneEvents>();
const backplane = createBackplane(
  { redisUrl: REDIS_URL, redisPrefix: 'bench', handoverGrace: 0 },
  { clock: systemClock, logger: silentLogger, events },
);
const rooms: OpenRoom[] = [];
let minted = 0;
let unlisted = 0;

const tasks = {
  /** As a host says it. */
  healthz: () => ({ status: backplane.status().state === 'live' ? 'ok' : 'degraded' }),

  /** Opens so many rooms of the same names on all nodes; done when the others have been told of each. */
  async open({ rooms: count, members }: { rooms: number; members: number }): Promise<void> {
    for (let index = 0; index < count; index++) {
      const room = { name: `room ${index}`, members, here: [] };
      rooms.push(room);
      for (let member = 0; member < members; member++) joinRoom(room);
      if (index % OPENED === OPENED - 1) await sleep(PORTION);
    }
    while (published() < count) await sleep(PORTION);
  },

  /** Changes rooms at random. One that has gained a stream here loses one next, so that all keep their size. */
  async churn({ changesPerSecond, seconds }: Churn): Promise<Churned> {
    const propagations: number[] = [];
    const note = (milliseconds: number) => propagations.push(milliseconds);
    events.on('propagated', note);
    const startedAt = performance.now();
    let changes = 0;
    for (let elapsed = 0; elapsed < seconds * 1000; elapsed = performance.now() - startedAt) {
      for (; changes < (elapsed / 1000) * changesPerSecond; changes++) {
        const room = rooms[Math.floor(Math.random() * rooms.length)];
        if (room === undefined) throw new Error('no room is open');
        if (room.here.length > room.members) leaveRoom(room);
        else joinRoom(room);
      }
      await sleep(PORTION);
    }
    events.off('propagated', note);
    return { changes, propagations };
  },

  /** Lets so many join one room, at some 1,000 a second; done when it lists all that join it on any node. */
  async storm({ joins, all }: { joins: number; all: number }): Promise<void> {
    const room = { name: STORM, members: 0, here: [] };
    for (let joined = 0; joined < joins; joined++) {
      joinRoom(room);
      if (joined % STORMED === STORMED - 1) await sleep(PORTION);
    }
    while ([...backplane.streams(STORM, [])].length < all) await sleep(PORTION);
  },

  /** Lists sent to the other nodes since the start. */
  published,

  /** One more stream in some of its rooms. */
  join({ every }: Some): void {
    for (const room of some(every)) joinRoom(room);
  },

  /** Done when some of its rooms list so many streams; answers after how many milliseconds that was. */
  async listed({ every, streams }: Some & { readonly streams: number }): Promise<number> {
    const startedAt = performance.now();
    for (const room of some(every)) while (listedIn(room) < streams) await sleep(PORTION);
    return performance.now() - startedAt;
  },

  /** Looks from now on whether one of some rooms ever lists fewer streams. */
  watch({ every, streams }: Some & { readonly streams: number }): void {
    const watched = some(every);
    const look = () => {
      unlisted += watched.filter((room) => listedIn(room) < streams).length;
    };
    setInterval(look, PORTION);
  },

  /** How often one did. */
  unlisted: () => unlisted,
};

/** The first, and then every so manieth of its rooms. */
interface Some {
  readonly every: number;
}

function some(every: number): OpenRoom[] {
  return rooms.filter((_, index) => index % every === 0);
}

function listedIn({ name }: OpenRoom): number {
  return [...backplane.streams(name, [])].length;
}

export type BackplaneTasks = typeof tasks;

function published(): number {
  return backplane.status().counts.published;
}

/** As a conference would: the roster is made whenever the room has changed. */
function tell(room: string): void {
  if (backplane.knows(room)) encodeRoster(encodeName(room), backplane.streams(room, []));
}

function joinRoom(room: OpenRoom): void {
  const name = `${process.pid}-${minted++}`;
  room.here.push(name);
  backplane.streamJoined(room.name, { name, encoded: encodeName(name) });
  tell(room.name);
}

function leaveRoom(room: OpenRoom): void {
  const name = room.here.shift();
  if (name === undefined) return;
  backplane.streamLeft(room.name, { name, encoded: encodeName(name) });
  tell(room.name);
}

async function answer(task: string, body: string): Promise<string> {
  const known: Readonly<Record<string, (argument: never) => unknown>> = tasks;
  const run = known[task];
  if (run === undefined) throw new Error(`nobody knows how to ${task}`);
  const argument = body === '' ? undefined : JSON.parse(body);
  return JSON.stringify((await run(argument as never)) ?? null);
}

void backplane.start(tell).then(() => {
  createServer(async (request, response) => {
    response.end(await answer(request.url?.slice(1) ?? '', await text(request)));
  }).listen(Number(PORT), '127.0.0.1');
});
