/** One join at a time in quiet rooms of ten: how long until another member sees it. */
import { contestants, duel } from '../contestants';
import { fillRooms } from '../load/rooms';
import { visit } from '../load/visits';
import type { Case, Effort, Stage } from '../scenario';
import { quantile } from '../statistics';

const ROOMS = 20;
const SIZE = 10;
/** Joins before anything is measured: until then V8 compiles beside what is measured, which makes one in a hundred slow. */
const WARM_UP = 3000;

export function latency({ quick }: Effort): Case[] {
  const [rounds, joins, warmUp] = quick ? [2, 500, 500] : [5, 2000, WARM_UP];
  return [
    {
      key: 'latency',
      scenario: 'latency',
      title: `quiet rooms of ${SIZE}, join to seen`,
      measures: [
        { key: 'p50', title: 'p50', unit: 'ms' },
        { key: 'p99', title: 'p99', unit: 'ms' },
      ],
      contestants: quick ? duel : contestants,
      rounds,
      play: (stage) => joinOneByOne(stage, joins, warmUp),
    },
  ];
}

async function joinOneByOne({ crowd, meter }: Stage, joins: number, warmUp: number) {
  const rooms = await fillRooms(crowd, ROOMS, SIZE - 1);
  const waits: number[] = [];
  const joinEach = async (count: number) => {
    for (let index = 0; index < count; index++) {
      const room = rooms[index % rooms.length];
      if (room !== undefined) waits.push(await visit(crowd, room));
    }
  };
  await joinEach(warmUp);
  waits.length = 0;
  await meter(() => joinEach(joins));
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}
