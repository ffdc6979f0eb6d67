/** Rooms whose rosters are as long as they may be change all the time: what those notice who join others. */
import { host } from '../contestants';
import { comeAndGo } from '../load/coming-and-going';
import { LONGEST_PADDING } from '../load/crowd';
import type { Visited } from '../load/crowd-process';
import type { Case, Measure, Stage } from '../scenario';
import { quantile } from '../statistics';
import { ASKABLE, tellingSeconds } from '../telling';

const ELSEWHERE = { rooms: 10, size: 3, prefix: 'elsewhere' };
const VISITS_PER_SECOND = 20;

export interface LoudPlan {
  readonly key: string;
  readonly scenario: 'stall' | 'many-rooms';
  readonly title: string;
  readonly rooms: number;
  readonly size: number;
  /** Milliseconds from a join and a leave in a room to the next. */
  readonly interval: number;
  /** Seconds for which others come before these rooms are there, until the rooms have settled, and meanwhile. */
  readonly before: number;
  readonly settle: number;
  readonly during: number;
  readonly rounds: number;
}

const TIMES = { before: 10, settle: 5, during: 30, rounds: 3 };

export function stall(): Case[] {
  const title = 'a room of 4,900, 256-byte names';
  return [
    loudRooms({ ...TIMES, key: 'stall', scenario: 'stall', title, rooms: 1, size: 4900, interval: 500 }),
  ];
}

export function manyRooms(): Case[] {
  const title = '20 rooms of 250, 256-byte names';
  const key = 'many-rooms';
  return [loudRooms({ ...TIMES, key, scenario: key, title, rooms: 20, size: 250, interval: 200 })];
}

const MEASURES: readonly Measure[] = [
  { key: 'alone', title: 'join into another room without them, p99', unit: 'ms' },
  { key: 'p50', title: 'join into another room, p50', unit: 'ms' },
  { key: 'p99', title: 'join into another room, p99', unit: 'ms' },
  { key: 'late', title: 'lateness of the load generator itself, p99', unit: 'ms' },
  { key: 'telling', title: 'share of the time spent telling', unit: '%' },
  { key: 'cpu', title: 'share of a core', unit: '%' },
];

export function loudRooms(plan: LoudPlan): Case {
  const { key, scenario, title, rounds } = plan;
  return {
    ...{ key, scenario, title, rounds, measures: MEASURES, contestants: [host], settings: ASKABLE },
    play: (stage) => joinElsewhere(stage, plan),
  };
}

/** The many who only read are in a process that gives way to the host and to those whose time is taken. */
async function joinElsewhere(stage: Stage, { rooms, size, interval, ...times }: LoudPlan) {
  const { nodes, crowd, remoteCrowd, meter } = stage;
  const [visitors, readers] = [remoteCrowd('measured'), remoteCrowd('scenery')];
  const visits = { rooms: await visitors.fill(ELSEWHERE), perSecond: VISITS_PER_SECOND };
  const alone = await visitors.visit({ ...visits, seconds: times.before });
  const loud = await readers.fill({ rooms, size, padding: LONGEST_PADDING, prefix: 'loud' });
  const stop = new AbortController();
  const changing = comeAndGo(crowd, { rooms: loud, interval, padding: LONGEST_PADDING }, stop);
  await visitors.visit({ ...visits, seconds: times.settle });
  const toldBefore = await tellingSeconds(nodes[0]);
  let visited: Visited = { waits: [], lateness: [] };
  const { cpu, wall } = await meter(async () => {
    visited = await visitors.visit({ ...visits, seconds: times.during });
  });
  const telling = (await tellingSeconds(nodes[0])) - toldBefore;
  stop.abort();
  await changing;
  if ((await readers.size()) < rooms * size) throw new Error('some of those who only read are gone');
  return {
    alone: quantile(alone.waits, 0.99),
    p50: quantile(visited.waits, 0.5),
    p99: quantile(visited.waits, 0.99),
    late: quantile(visited.lateness, 0.99),
    telling: (telling / wall) * 100,
    cpu: (cpu / wall) * 100,
  };
}
