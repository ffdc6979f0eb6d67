/** The backplanes of several nodes alone: what they and their Redis take, without the sockets of any member. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../backplane-tasks';
import { backplaneAlone } from '../contestants';
import type { Case, Measure, Stage } from '../scenario';
import { quantile } from '../statistics';

/** Members are those of each node: rooms of about ten, on three nodes. Seconds before and during the measurement. */
const CHURN = { rooms: 1000, members: 3, changesPerSecond: 2000, warmUp: 10, seconds: 5 };
/** One room: members of each node, some 5,000 in all; changes a second of each node, 60 in all. */
const HUGE = { rooms: 1, members: 1_667, changesPerSecond: 20, warmUp: 5, seconds: 20 };
const STORM = { nodes: 2, joins: 1000 };
/** Seconds until the opening is forgotten, and in which every room is kept once. */
const IDLE = { rooms: 20_000, settle: 50, seconds: 60 };

const OF_NODES: Measure = { key: 'cpu', title: 'CPU of all nodes a change', unit: 'µs' };
const OF_REDIS: Measure = { key: 'redis', title: 'CPU of Redis a change', unit: 'µs' };

export function backplanes(): Case[] {
  const common = { scenario: 'cluster', contestants: [backplaneAlone] } as const;
  return [
    {
      ...common,
      key: 'cluster-backplane',
      title: 'backplanes of 3 nodes, 6,000 changes a second',
      measures: [
        OF_NODES,
        OF_REDIS,
        { key: 'p50', title: 'change to heard, p50', unit: 'ms' },
        { key: 'p99', title: 'change to heard, p99', unit: 'ms' },
      ],
      rounds: 3,
      nodes: 3,
      play: (stage) => churn(stage, CHURN),
    },
    {
      ...common,
      key: 'cluster-huge',
      title: 'backplanes of 3 nodes, a room of 5,000, 60 changes a second',
      measures: [
        { key: 'bytes', title: 'to and from Redis a change', unit: 'KB' },
        OF_NODES,
        OF_REDIS,
        { key: 'p50', title: 'change to heard, p50', unit: 'ms' },
        { key: 'p99', title: 'change to heard, p99', unit: 'ms' },
      ],
      rounds: 3,
      nodes: 3,
      play: (stage) => churn(stage, HUGE),
    },
    {
      ...common,
      key: 'cluster-storm',
      title: 'backplanes of 2 nodes, storm of 1,000',
      measures: [{ key: 'published', title: 'lists sent', unit: '' }],
      rounds: 3,
      nodes: STORM.nodes,
      play: storm,
    },
    {
      ...common,
      key: 'cluster-idle',
      title: 'backplanes of 3 nodes, 20,000 idle rooms on each',
      measures: [
        { key: 'cpu', title: 'share of a core, the busiest node', unit: '%' },
        { key: 'redis', title: 'share of a core, Redis', unit: '%' },
        { key: 'bytes', title: 'to and from Redis a second', unit: 'KB' },
      ],
      rounds: 1,
      nodes: 3,
      play: rest,
    },
  ];
}

async function churn({ nodes, meter }: Stage, plan: typeof CHURN) {
  const { warmUp, seconds, changesPerSecond, rooms, members } = plan;
  const change = (seconds: number) =>
    Promise.all(nodes.map((node) => ask(node, 'churn', { changesPerSecond, seconds })));
  await Promise.all(nodes.map((node) => ask(node, 'open', { rooms, members })));
  await change(warmUp);
  let churned: Awaited<ReturnType<typeof change>> = [];
  const { cpu, redisCpu, redisBytes } = await meter(async () => {
    churned = await change(seconds);
  });
  const changes = sum(churned.map((one) => one.changes));
  const propagations = churned.flatMap((one) => one.propagations);
  return {
    cpu: (cpu / changes) * 1e6,
    redis: (redisCpu / changes) * 1e6,
    bytes: redisBytes / changes / 1000,
    p50: quantile(propagations, 0.5),
    p99: quantile(propagations, 0.99),
  };
}

async function storm({ nodes }: Stage) {
  const { joins } = STORM;
  await Promise.all(nodes.map((node) => ask(node, 'storm', { joins: joins / nodes.length, all: joins })));
  return { published: sum(await Promise.all(nodes.map((node) => ask(node, 'published')))) };
}

async function rest({ nodes, meter }: Stage) {
  await Promise.all(nodes.map((node) => ask(node, 'open', { rooms: IDLE.rooms, members: 1 })));
  await sleep(IDLE.settle * 1000);
  const before = nodes.map(({ cpuSeconds }) => cpuSeconds);
  const { wall, redisCpu, redisBytes } = await meter(() => sleep(IDLE.seconds * 1000));
  const spent = nodes.map(({ cpuSeconds }, index) => cpuSeconds - (before[index] ?? 0));
  return {
    cpu: (Math.max(...spent) / wall) * 100,
    redis: (redisCpu / wall) * 100,
    bytes: redisBytes / wall / 1000,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
