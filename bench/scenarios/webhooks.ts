/** Quiet rooms of ten, with webhooks and without: how long until another member sees a join, and the application hears. */
import { setTimeout as sleep } from 'node:timers/promises';
import { host } from '../contestants';
import type { Crowd } from '../load/crowd';
import { inParallel } from '../load/parallel';
import { type FilledRoom, fillRooms } from '../load/rooms';
import { visit } from '../load/visits';
import type { Case, Stage } from '../scenario';
import { quantile } from '../statistics';

const ROOMS = 50;
const SIZE = 10;
const JOINS_PER_SECOND = 100;
/** Milliseconds that each visitor stays: a room has one at a time. */
const STAY = 250;

export interface WebhooksPlan {
  /** Visits to each room before anything is measured, as fast as they can, so that V8 has compiled what it will. */
  readonly warmUp: number;
  /** Seconds of joins before anything is measured, and meanwhile. */
  readonly before: number;
  readonly seconds: number;
  readonly rounds: number;
}

export function webhooks(): Case[] {
  const plan = { warmUp: 100, before: 2, seconds: 15, rounds: 5 };
  return [joinsTold(plan, false), joinsTold(plan, true)];
}

export function joinsTold(plan: WebhooksPlan, isTold: boolean): Case {
  return {
    key: isTold ? 'webhooks-on' : 'webhooks-off',
    scenario: 'webhooks',
    title: `${JOINS_PER_SECOND} joins a second into rooms of ${SIZE}, ${isTold ? 'with' : 'without'} webhooks`,
    measures: [
      { key: 'p50', title: 'join to seen, p50', unit: 'ms' },
      { key: 'p99', title: 'join to seen, p99', unit: 'ms' },
      ...(isTold ? [{ key: 'told', title: 'join to told, p50', unit: 'ms' } as const] : []),
    ],
    contestants: [host],
    rounds: plan.rounds,
    webhooks: isTold,
    play: (stage) => joinEvenly(stage, plan),
  };
}

async function joinEvenly({ crowd, application }: Stage, { warmUp, before, seconds }: WebhooksPlan) {
  const rooms = await fillRooms(crowd, ROOMS, SIZE - 1);
  await inParallel(rooms, ROOMS, (room) => inParallel(Array(warmUp).keys(), 1, () => visit(crowd, room)));
  const come = (index: number) => stay(crowd, rooms[index % ROOMS]);
  await evenly(before * JOINS_PER_SECOND, come);
  const visitors = await evenly(seconds * JOINS_PER_SECOND, come);
  const waits = visitors.map(({ wait }) => wait);
  const told = await application?.told();
  return {
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
    ...(told !== undefined && {
      told: quantile(
        visitors.map((visitor) => untilTold(visitor, told)),
        0.5,
      ),
    }),
  };
}

interface Visitor {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly cameAt: number;
  /** Milliseconds until another member saw it. */
  readonly wait: number;
}

/** Long enough for the application to hear of it. */
async function stay(crowd: Crowd, room: FilledRoom | undefined): Promise<Visitor> {
  const witness = room?.participants[0];
  if (room === undefined || witness === undefined) throw new Error('there is nobody to see the visitor');
  const startedAt = performance.now();
  const visitor = crowd.join(room.name);
  await witness.sees(SIZE);
  const wait = performance.now() - startedAt;
  await sleep(STAY);
  await visitor.leave();
  return { name: visitor.streamName, cameAt: performance.timeOrigin + startedAt, wait };
}

function untilTold({ name, cameAt }: Visitor, told: Readonly<Record<string, number>>): number {
  const at = told[name];
  if (at === undefined) throw new Error(`the application was never told of ${name}`);
  return at - cameAt;
}

/** Each at its time, whether the one before is done or not. */
async function evenly<T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const startedAt = performance.now();
  const works: Promise<T>[] = [];
  for (let index = 0; index < times; index++) {
    await sleep(Math.max(startedAt + (index * 1_000) / JOINS_PER_SECOND - performance.now(), 0));
    works.push(work(index));
  }
  return Promise.all(works);
}
