/** The same rooms over one node, two and three: what sharing them costs, and when a join is seen on another node. */
import { host } from '../contestants';
import type { Crowd } from '../load/crowd';
import { inParallel } from '../load/parallel';
import { type FilledRoom, fillRooms } from '../load/rooms';
import { visit } from '../load/visits';
import type { Case, Effort, Measure, Stage } from '../scenario';
import { quantile } from '../statistics';
import { backplanes } from './backplanes';

/** Each has a visitor at a time, so that many come and go at once. */
const ROOMS = 32;
const SIZE = 10;

/** Visits to each room. */
interface Plan {
  /** For each node, before anything is measured, so that V8 has compiled what it will. */
  readonly warmUp: number;
  /** All rooms at the same time, for the CPU time. */
  readonly busy: number;
  /** One room after the other, for the latency. */
  readonly quiet: number;
  readonly rounds: number;
}

export function cluster({ quick }: Effort): Case[] {
  if (quick) {
    const plan = { warmUp: 50, busy: 50, quiet: 3, rounds: 1 };
    return [roomsOver(1, plan), roomsOver(3, plan), roomsOver(3, plan, true)];
  }
  const plan = { warmUp: 125, busy: 125, quiet: 10, rounds: 3 };
  return [
    roomsOver(1, plan),
    roomsOver(2, plan),
    roomsOver(3, plan),
    roomsOver(3, plan, true),
    ...backplanes(),
  ];
}

/** @param routed each room is on one node */
function roomsOver(nodes: number, plan: Plan, routed = false): Case {
  const isAlone = nodes === 1;
  const seen = isAlone || routed ? 'join to seen' : 'join to seen on another node';
  const ofRedis: Measure = { key: 'redis', title: 'CPU of Redis a change', unit: 'µs' };
  return {
    key: `cluster-${nodes}${routed ? '-routed' : ''}`,
    scenario: 'cluster',
    title: `rooms of ${SIZE} over ${isAlone ? '1 node' : `${nodes} nodes`}${routed ? ', routed by room' : ''}`,
    measures: [
      { key: 'cpu', title: 'CPU of all nodes a change', unit: 'µs' },
      ...(isAlone ? [] : [ofRedis]),
      { key: 'p50', title: `${seen}, p50`, unit: 'ms' },
      { key: 'p99', title: `${seen}, p99`, unit: 'ms' },
    ],
    contestants: [host],
    rounds: plan.rounds,
    nodes,
    routed,
    play: (stage) => comeAndGo(stage, plan),
  };
}

async function comeAndGo({ nodes, crowd, meter }: Stage, { warmUp, busy, quiet }: Plan) {
  const rooms = await fillRooms(crowd, ROOMS, SIZE - 1);
  await visitAtOnce(crowd, rooms, warmUp * nodes.length);
  const { cpu, redisCpu } = await meter(() => visitAtOnce(crowd, rooms, busy));
  const waits = await visitInTurn(crowd, rooms, quiet);
  const changes = 2 * busy * ROOMS;
  const perChange = (seconds: number) => (seconds / changes) * 1e6;
  return {
    cpu: perChange(cpu),
    ...(nodes.length > 1 ? { redis: perChange(redisCpu) } : {}),
    p50: quantile(waits, 0.5),
    p99: quantile(waits, 0.99),
  };
}

/** One visitor at a time in each room. */
async function visitAtOnce(crowd: Crowd, rooms: readonly FilledRoom[], times: number): Promise<void> {
  await inParallel(rooms, rooms.length, (room) =>
    inParallel(Array(times).keys(), 1, () => visit(crowd, room)),
  );
}

/** One visitor at a time in all rooms: a node tells the others of a room's changes at most every 20 ms. */
async function visitInTurn(crowd: Crowd, rooms: readonly FilledRoom[], times: number): Promise<number[]> {
  const waits: number[] = [];
  for (let time = 0; time < times; time++) {
    for (const room of rooms) waits.push(await visit(crowd, room));
  }
  return waits;
}
