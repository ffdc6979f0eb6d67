/** Participants come and go in full rooms: each joins, waits for its first roster, and leaves. */
import { type Contestant, contestants, duel } from '../contestants';
import type { Crowd } from '../load/crowd';
import { inParallel } from '../load/parallel';
import { AT_A_TIME, fillRooms } from '../load/rooms';
import type { Case, Effort, Stage } from '../scenario';

/** Small rooms are many, so that the server always has something to do. */
const ROOMS = 32;

interface Plan {
  /** How many are in each room while someone is visiting. */
  readonly size: number;
  readonly rooms: number;
  /** How many visits there are in all rooms together. */
  readonly visits: number;
  /** How many come before these, so that V8 has compiled what it will. */
  readonly warmUp: number;
  readonly rounds: number;
  /** All of them unless given. */
  readonly who?: readonly Contestant[];
}

export function churn({ quick }: Effort): Case[] {
  if (quick) {
    return [
      churnIn({ size: 10, rooms: ROOMS, visits: 1000, warmUp: 1000, rounds: 1, who: duel }),
      churnIn({ size: 300, rooms: 1, visits: 150, warmUp: 50, rounds: 1, who: duel }),
    ];
  }
  return [
    churnIn({ size: 2, rooms: ROOMS, visits: 4000, warmUp: 4000, rounds: 5 }),
    churnIn({ size: 10, rooms: ROOMS, visits: 4000, warmUp: 4000, rounds: 7 }),
    churnIn({ size: 50, rooms: ROOMS, visits: 2000, warmUp: 1000, rounds: 3 }),
    churnIn({ size: 1000, rooms: 1, visits: 1000, warmUp: 200, rounds: 3 }),
  ];
}

function churnIn(plan: Plan): Case {
  const { size, rounds, who = contestants } = plan;
  return {
    key: `churn-${size}`,
    scenario: 'churn',
    title: `churn in ${plan.rooms === 1 ? 'a room' : 'rooms'} of ${size.toLocaleString('en')}`,
    measures: [{ key: 'perCpuSecond', title: 'joins and leaves', unit: 'per CPU second' }],
    contestants: who,
    rounds,
    play: (stage) => comeAndGo(stage, plan),
  };
}

async function comeAndGo({ crowd, meter }: Stage, { size, rooms, visits, warmUp }: Plan) {
  const names = (await fillRooms(crowd, rooms, size - 1)).map(({ name }) => name);
  await visit(crowd, names, warmUp);
  const { cpu } = await meter(() => visit(crowd, names, visits));
  return { perCpuSecond: (2 * visits) / cpu };
}

/** One visitor at a time in each of many rooms, or many in one. */
async function visit(crowd: Crowd, rooms: readonly string[], visits: number): Promise<void> {
  const width = rooms.length === 1 ? AT_A_TIME : 1;
  await inParallel(rooms, rooms.length, (room) =>
    inParallel(Array(Math.round(visits / rooms.length)).keys(), width, async () => {
      const visitor = crowd.join(room);
      await visitor.sees();
      await visitor.leave();
    }),
  );
}
