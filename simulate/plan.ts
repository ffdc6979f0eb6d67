/** What happens in a run, as a list that comes from one seed, and that may be made shorter. */
import { defaultSizes, type ListSizes } from '../src/backplane/list-writer';
import { SeededRandom } from '../test/helpers/random';

export const ROOMS = ['a', 'b', '}x'] as const;
export const NODES = 3;
export const CLIENTS = 9;
/** Milliseconds in which things happen, and of quiet after that. */
export const BUSY = 50_000;
export const QUIET = 120_000;

export type Step = { readonly at: number } & (
  | { readonly what: 'join' | 'move'; readonly client: number; readonly node: number; readonly room: number }
  | { readonly what: 'leave'; readonly client: number }
  | { readonly what: 'kill' | 'stop' | 'cut' | 'silence'; readonly node: number }
  | { readonly what: 'freeze' | 'block'; readonly node: number; readonly lasts: number }
  | { readonly what: 'redis dies' | 'redis freezes' | 'lose messages'; readonly lasts: number }
  | { readonly what: 'redis is emptied' | 'redis restarts with its data' | 'redis evicts' }
  | { readonly what: 'a stale replica is promoted'; readonly age: number }
  | { readonly what: 'a foreign key'; readonly room: number; readonly lasts: number }
  | {
      readonly what: 'a foreign message';
      readonly room: number;
      readonly version: number;
      readonly stored: boolean;
    }
  | { readonly what: 'a foreign delta'; readonly room: number }
);

export interface Plan {
  readonly seed: number;
  /** Milliseconds one way, and how many more it may take. */
  readonly latency: number;
  readonly spread: number;
  /** Rooms that the first node holds besides, so that its sync takes its time. */
  readonly idleRooms: number;
  /** Which nodes speak older formats only: none, those of the beginning, those that replace them, or one of three. */
  readonly oldNodes: 'none' | 'first' | 'later' | 'one';
  /** The newest format of those. */
  readonly oldFormat: 1 | 2;
  readonly sizes: ListSizes;
  readonly steps: readonly Step[];
}

/** Delays after which the next thing comes close to what the last one has set off: reads, lingering, expiry. */
const NEAR: readonly (readonly [number, number])[] = [
  [0, 60],
  [0, 500],
  [4_900, 300],
  [0, 3_000],
  [9_500, 4_000],
];

/** What goes wrong, each as often as the others. */
const FAULTS: readonly ((random: SeededRandom, at: number) => Step)[] = [
  (random, at) => ({ at, what: 'kill', node: random.below(NODES) }),
  (random, at) => ({ at, what: 'stop', node: random.below(NODES) }),
  (random, at) => ({ at, what: 'stop', node: random.below(NODES) }),
  (random, at) => ({ at, what: 'cut', node: random.below(NODES) }),
  (random, at) => ({ at, what: 'silence', node: random.below(NODES) }),
  (random, at) => ({ at, what: 'freeze', node: random.below(NODES), lasts: 100 + random.below(20_000) }),
  (random, at) => ({ at, what: 'block', node: random.below(NODES), lasts: 100 + random.below(20_000) }),
  (random, at) => ({ at, what: 'redis dies', lasts: 50 + random.below(8_000) }),
  (random, at) => ({ at, what: 'redis dies', lasts: 50 + random.below(1_000) }),
  (random, at) => ({ at, what: 'redis freezes', lasts: 100 + random.below(8_000) }),
  (random, at) => ({ at, what: 'lose messages', lasts: 100 + random.below(8_000) }),
  (_random, at) => ({ at, what: 'redis is emptied' }),
  (_random, at) => ({ at, what: 'redis is emptied' }),
  (_random, at) => ({ at, what: 'redis is emptied' }),
  (_random, at) => ({ at, what: 'redis restarts with its data' }),
  (_random, at) => ({ at, what: 'redis evicts' }),
  (random, at) => ({ at, what: 'a stale replica is promoted', age: random.below(10_000) }),
  (random, at) => ({
    at,
    what: 'a foreign key',
    room: random.below(ROOMS.length),
    lasts: 500 + random.below(10_000),
  }),
  (random, at) => ({
    at,
    what: 'a foreign message',
    room: random.below(ROOMS.length),
    version: random.pick([Number.MAX_SAFE_INTEGER, 2 ** 52, 1_000_000, 1]),
    stored: random.next() < 0.5,
  }),
  (random, at) => ({ at, what: 'a foreign delta', room: random.below(ROOMS.length) }),
];

/** Lists of a few streams are told by deltas, with journals for many of them and for one or two; or as they really are. */
const SIZES: readonly ListSizes[] = [
  { deltaFrom: 0, leastJournal: 1_000 },
  { deltaFrom: 0, leastJournal: 1_000 },
  { deltaFrom: 0, leastJournal: 90 },
  defaultSizes,
];

/** The share of the runs in which all are in one room, so that lists are long. */
const CROWDED = 0.4;

/** @param seed any whole number; neighbours have nothing in common */
export function planOf(seed: number): Plan {
  const random = new SeededRandom(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
  random.next();
  const isFar = random.next() < 0.03;
  const steps: Step[] = [];
  const rooms = random.next() < CROWDED ? 1 : ROOMS.length;
  for (let client = 0; client < CLIENTS - 2; client++) {
    steps.push({ at: random.below(2_000), what: 'join', client, ...placeIn(random, rooms) });
  }
  steps.push(...(isFar ? restartsOf(random) : stepsOf(random, rooms)));
  return {
    seed,
    latency: isFar ? 400 : 0.2,
    spread: isFar ? 50 : random.pick([1, 20, 150, 400]),
    idleRooms: isFar ? 2_000 : 0,
    oldNodes: random.pick(['none', 'none', 'none', 'none', 'none', 'first', 'later', 'one']),
    oldFormat: random.pick([1, 2]),
    sizes: random.pick(SIZES),
    steps: steps.sort((a, b) => a.at - b.at),
  };
}

function stepsOf(random: SeededRandom, rooms: number): Step[] {
  const steps: Step[] = [];
  const faults = random.below(7);
  const changes = 10 + random.below(30);
  let at = 2_000;
  for (let index = 0; index < faults + changes; index++) {
    const [least, more] = random.pick(NEAR);
    const isNear = random.next() < 0.5;
    at = isNear ? at + least + random.below(more) : 2_000 + random.below(BUSY - 2_000);
    if (at >= BUSY) at = 2_000 + random.below(BUSY - 2_000);
    const client = random.below(CLIENTS);
    if (random.next() < faults / (faults + changes)) {
      const fault = random.pick(FAULTS)(random, at);
      steps.push(fault);
      if (fault.what === 'lose messages') steps.push(...duringLoss(random, at, fault.lasts, rooms));
      if (random.next() < 0.5) steps.push(...aroundFault(random, at, rooms));
    } else if (random.next() < 0.4) steps.push({ at, what: 'leave', client });
    else steps.push({ at, what: random.next() < 0.7 ? 'join' : 'move', client, ...placeIn(random, rooms) });
  }
  return steps.filter((step) => step.at < BUSY);
}

/** Somebody leaves so long before a fault that its room is about to be given up, and another comes into it. */
function aroundFault(random: SeededRandom, at: number, rooms: number): Step[] {
  const place = placeIn(random, rooms);
  const first = random.below(CLIENTS);
  const leavesAt = Math.max(0, at - 5_300 + random.below(2_200));
  return [
    { at: Math.max(0, leavesAt - 2_000), what: 'leave', client: first },
    { at: Math.max(0, leavesAt - 1_000), what: 'join', client: first, ...place },
    { at: leavesAt, what: 'leave', client: first },
    { at: at + 500 + random.below(5_000), what: 'join', client: (first + 1) % CLIENTS, ...place },
  ];
}

/** Several come into one room while messages are lost, and one of them leaves after that. */
function duringLoss(random: SeededRandom, at: number, lasts: number, rooms: number): Step[] {
  const { room } = placeIn(random, rooms);
  const steps: Step[] = [];
  const first = random.below(CLIENTS);
  for (let index = 0; index < 4; index++) {
    const step = {
      at: at + random.below(lasts),
      client: (first + index) % CLIENTS,
      node: random.below(NODES),
      room,
    };
    steps.push({ ...step, what: 'move' }, { ...step, what: 'join' });
  }
  return [...steps, { at: at + lasts + random.below(5_000), what: 'leave', client: first }];
}

/** What makes a node say everything again, at a time when all have said it. */
function restartsOf(random: SeededRandom): Step[] {
  const at = BUSY - random.below(5_000);
  const kinds: readonly Step[] = [
    { at, what: 'redis dies', lasts: 50 + random.below(3_000) },
    { at, what: 'redis restarts with its data' },
    { at, what: 'redis is emptied' },
    { at, what: 'cut', node: 0 },
  ];
  return [random.pick(kinds)];
}

function placeIn(random: SeededRandom, rooms: number): { node: number; room: number } {
  return { node: random.below(NODES), room: random.below(rooms) };
}

export function describeStep({ at, what, ...more }: Step): string {
  const facts = Object.entries(more).map(([name, value]) => `${name} ${value}`);
  return `${(at / 1000).toFixed(3)} s  ${what} ${facts.join(', ')}`;
}
