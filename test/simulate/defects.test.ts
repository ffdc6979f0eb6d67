/** What the simulator has found, or should have: each was a defect once, and is a story now. */
import type { Plan, Step } from '../../simulate/plan';
import { World } from '../../simulate/world';

/** @returns what must not have been */
function run(steps: readonly Step[], more: Partial<Plan> = {}): Promise<string | undefined> {
  return new World({
    seed: 1,
    latency: 0.2,
    spread: 1,
    idleRooms: 0,
    oldNodes: 'none',
    oldFormat: 1,
    sizes: { deltaFrom: 0, leastJournal: 1_000 },
    ...more,
    steps,
  }).run();
}

const joins = (at: number, node: number, room: number, ...clients: number[]): Step[] =>
  clients.map((client, index) => ({ at: at + 100 * index, what: 'join', client, node, room }));

/** A node far away that holds so many rooms that saying all of them takes half a minute. */
const FAR = { latency: 400, spread: 1, idleRooms: 2_000 } as const;

test('a room is given up while it is read: it stays closed, and harms no room that has taken its name', async () => {
  for (let late = 0; late <= 2_000; late += 200) {
    const steps: Step[] = [
      ...joins(500, 1, 0, 1),
      ...joins(700, 0, 0, 0),
      { at: 10_000 + late, what: 'leave', client: 0 },
      { at: 15_000, what: 'redis is emptied' },
      ...joins(17_500 + late / 2, 0, 0, 2),
      ...joins(30_000, 1, 0, 3),
    ];
    expect({ late, found: await run(steps, { latency: 100 }) }).toEqual({ late, found: undefined });
  }
});

test('Redis restarts: a node is not given up while it says everything again, however long that takes', async () => {
  for (const restart of ['redis restarts with its data', 'redis is emptied'] as const) {
    const steps: Step[] = [...joins(500, 0, 0, 0), ...joins(700, 1, 0, 1), { at: 47_000, what: restart }];
    expect(await run(steps, FAR)).toBeUndefined();
  }
  const dies: Step = { at: 47_000, what: 'redis dies', lasts: 100 };
  expect(await run([...joins(500, 0, 0, 0), ...joins(700, 1, 0, 1), dies], FAR)).toBeUndefined();
});

test('another program uses the key of one room: the other rooms go on', async () => {
  const steps: Step[] = [
    ...joins(500, 0, 1, 0),
    { at: 10_000, what: 'a foreign key', room: 1, lasts: 20_000 },
    ...joins(12_000, 1, 1, 1),
    ...joins(13_000, 0, 0, 2, 3),
    ...joins(14_000, 1, 0, 4),
    { at: 20_000, what: 'leave', client: 3 },
  ];
  expect(await run(steps)).toBeUndefined();
});

test.each([Number.MAX_SAFE_INTEGER, 2 ** 52, 1_000_000, 1])(
  'somebody publishes version and stamp %d: nobody vanishes, and nobody appears',
  async (version) => {
    for (const stored of [true, false]) {
      const steps: Step[] = [
        ...joins(500, 0, 0, 0),
        ...joins(700, 1, 0, 1),
        { at: 10_000, what: 'a foreign message', room: 0, version, stored },
        ...joins(20_000, 0, 0, 2),
        ...joins(21_000, 1, 0, 3),
        ...joins(22_000, 0, 1, 4),
        ...joins(23_000, 2, 1, 5),
      ];
      for (const seed of [1, 2, 3]) expect(await run(steps, { seed })).toBeUndefined();
    }
  },
);

test('somebody speaks for a node that does not hear it: what Redis has of the node counts in the end', async () => {
  const unheard: Step[] = [
    ...joins(500, 2, 0, 0),
    ...joins(49_000, 0, 0, 1),
    { at: 49_040, what: 'a foreign message', room: 0, version: 1_000_000, stored: false },
  ];
  for (const seed of [3, 5]) expect(await run(unheard, { seed, spread: 150 })).toBeUndefined();
  const cutOff: Step[] = [
    ...joins(500, 2, 2, 0),
    ...joins(700, 1, 2, 1),
    ...joins(900, 0, 2, 2),
    { at: 14_469, what: 'a foreign delta', room: 2 },
    { at: 14_528, what: 'a stale replica is promoted', age: 7_498 },
  ];
  for (const seed of [7, 8]) expect(await run(cutOff, { seed, spread: 150 })).toBeUndefined();
});

test('somebody overwrites a list whose journal stays: its node finds that out when it keeps the room', async () => {
  const steps: Step[] = [
    ...joins(13_489, 2, 0, 6),
    ...joins(14_397, 1, 0, 0),
    ...joins(19_612, 1, 0, 8),
    { at: 19_723, what: 'leave', client: 6 },
    { at: 22_294, what: 'lose messages', lasts: 2_714 },
    ...joins(22_377, 1, 0, 7),
    ...joins(22_522, 0, 0, 6),
    { at: 22_537, what: 'move', client: 8, node: 2, room: 0 },
    ...joins(22_909, 2, 0, 3),
    { at: 24_019, what: 'a foreign message', room: 0, version: 1_000_000, stored: true },
  ];
  for (const seed of [6, 15]) expect(await run(steps, { seed, spread: 20 })).toBeUndefined();
});

test('Redis dies while nodes are replaced: who has come back meanwhile is not missed when it returns', async () => {
  const steps: Step[] = [
    ...joins(500, 0, 0, 0),
    ...joins(700, 2, 0, 1),
    ...joins(900, 1, 0, 2),
    { at: 19_300, what: 'stop', node: 1 },
    { at: 19_350, what: 'stop', node: 0 },
    { at: 22_100, what: 'redis dies', lasts: 4_200 },
  ];
  for (const seed of [3, 10]) expect(await run(steps, { seed, spread: 400 })).toBeUndefined();
});

test('a node that stops holds nothing in some of its rooms: that is no sign that it stays', async () => {
  const steps: Step[] = [
    ...joins(0, 2, 2, 1, 2),
    { at: 1_000, what: 'leave', client: 1 },
    ...joins(1_500, 1, 0, 1),
    ...joins(1_950, 2, 0, 5),
    { at: 4_126, what: 'block', node: 0, lasts: 12_540 },
    { at: 6_790, what: 'leave', client: 5 },
    ...joins(7_440, 1, 2, 7),
    { at: 10_305, what: 'stop', node: 2 },
  ];
  for (const seed of [1, 2, 3, 4]) expect(await run(steps, { seed })).toBeUndefined();
});

test('a node stops while it says everything: its streams go with it, and no key stays for ever', async () => {
  const steps: Step[] = [
    ...joins(500, 0, 0, 0, 1, 2),
    ...joins(700, 1, 0, 3),
    { at: 20_000, what: 'stop', node: 0 },
  ];
  for (const seed of [1, 2]) expect(await run(steps, { ...FAR, seed })).toBeUndefined();
});

test('nodes of two formats side by side, and one after the other: all are heard', async () => {
  const steps: Step[] = [
    ...joins(500, 0, 0, 0, 1),
    ...joins(700, 1, 0, 2, 3),
    { at: 10_000, what: 'stop', node: 0 },
    { at: 20_000, what: 'stop', node: 1 },
    { at: 30_000, what: 'kill', node: 2 },
  ];
  for (const oldNodes of ['first', 'later'] as const) expect(await run(steps, { oldNodes })).toBeUndefined();
});

test('nodes are replaced one after the other: nobody who comes back is ever missing', async () => {
  const steps: Step[] = [
    ...joins(500, 0, 0, 0, 1, 2, 3),
    ...joins(700, 1, 0, 4, 5),
    ...joins(900, 2, 0, 6),
    { at: 10_000, what: 'stop', node: 0 },
    { at: 20_000, what: 'stop', node: 1 },
    { at: 30_000, what: 'stop', node: 2 },
  ];
  for (const seed of [1, 2, 3]) expect(await run(steps, { seed })).toBeUndefined();
});

test('a replica that lags behind is promoted: who has left meanwhile does not come back', async () => {
  const steps: Step[] = [
    ...joins(500, 0, 0, 0),
    ...joins(700, 1, 0, 1),
    { at: 10_000, what: 'leave', client: 0 },
    { at: 17_000, what: 'a stale replica is promoted', age: 8_000 },
    ...joins(20_000, 2, 0, 2),
  ];
  expect(await run(steps)).toBeUndefined();
});

test('a node leaves a room while an older one is away: that one hears of it when it is back, in its own format', async () => {
  const steps: Step[] = [
    ...joins(500, 1, 0, 0),
    ...joins(700, 0, 0, 1),
    { at: 11_000, what: 'block', node: 1, lasts: 18_500 },
    { at: 26_000, what: 'leave', client: 1 },
  ];
  expect(await run(steps, { oldNodes: 'one' })).toBeUndefined();
});

test('an older node deletes a journal, which it does not know: nobody who has left comes back', async () => {
  const steps: Step[] = [
    ...joins(1_000, 0, 1, 6),
    { at: 23_000, what: 'leave', client: 6 },
    ...joins(23_100, 2, 2, 2),
    { at: 28_000, what: 'stop', node: 1 },
    ...joins(33_000, 1, 1, 5),
    { at: 43_000, what: 'move', client: 2, node: 2, room: 1 },
  ];
  expect(await run(steps, { oldNodes: 'later', oldFormat: 2, latency: 100 })).toBeUndefined();
});

test('messages are lost while many come into a room: all are listed everywhere, by deltas and digests', async () => {
  const steps: Step[] = [
    ...[0, 1, 2].flatMap((node) => joins(500, node, 0, node)),
    { at: 10_000, what: 'lose messages', lasts: 4_000 },
    ...[3, 4, 5, 6, 7, 8].flatMap((client) => joins(10_000 + 500 * (client - 2), client % 3, 0, client)),
    { at: 20_000, what: 'leave', client: 0 },
  ];
  for (let seed = 1; seed <= 5; seed++) expect(await run(steps, { seed })).toBeUndefined();
});

test('a node stops while messages are lost for longer than its grace: whoever is back elsewhere is not missed', async () => {
  const steps: Step[] = [
    ...joins(26, 1, 1, 2),
    ...joins(921, 1, 2, 3),
    ...joins(7_052, 0, 1, 5),
    ...joins(7_111, 0, 2, 0),
    { at: 9_791, what: 'lose messages', lasts: 7_283 },
    { at: 9_810, what: 'stop', node: 0 },
  ];
  for (const seed of [5486, 1, 2, 3]) expect(await run(steps, { seed, spread: 20 })).toBeUndefined();
});

test('a node that asks who lives while it stops does not come back to life by that', async () => {
  const steps: Step[] = [
    ...joins(179, 1, 0, 2),
    ...joins(1_176, 0, 0, 3),
    ...joins(1_331, 2, 0, 6),
    ...joins(1_405, 1, 0, 5),
    ...joins(1_958, 1, 0, 1),
    { at: 2_461, what: 'stop', node: 1 },
  ];
  for (const seed of [3019, 1, 2, 3]) expect(await run(steps, { seed, spread: 400 })).toBeUndefined();
});
