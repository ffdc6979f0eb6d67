/** A node stops: its streams are waited for, in their place, and not for longer than that. */
import { LEAVE, STORE } from '../../src/backplane/scripts';
import { SimulatedCluster } from '../helpers/simulated-cluster';

const SECOND = 1_000;

const missingIn = (roster: readonly string[]) =>
  ['anna', 'ben', 'cleo', 'dora'].filter((name) => !roster.includes(name));

/** Two nodes in one room: `a` will stop. */
async function twoNodes(grace = 5 * SECOND) {
  const cluster = new SimulatedCluster();
  const [a, b] = [cluster.newNode({ timing: { grace } }), cluster.newNode()];
  await cluster.pass(SECOND);
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  a.join('room', 'cleo', 'dora');
  await cluster.pass(SECOND);
  expect(b.roster('room')).toEqual(['anna', 'ben', 'cleo', 'dora']);
  const stopA = async () => {
    a.backplane.standStill();
    for (const name of ['anna', 'cleo', 'dora']) a.leave('room', name);
    void a.backplane.stop();
    await cluster.pass(100);
  };
  const roster = () => b.roster('room');
  return { cluster, a, b, stopA, roster };
}

test('they stay listed, in their place, while they come back, and go when the grace is over', async () => {
  const { cluster, b, stopA, roster } = await twoNodes();
  await stopA();
  expect(roster()).toEqual(['anna', 'ben', 'cleo', 'dora']);
  b.join('room', 'cleo');
  await cluster.pass(3 * SECOND);
  expect(roster()).toEqual(['anna', 'ben', 'cleo', 'dora']);
  await cluster.pass(5 * SECOND);
  expect(roster()).toEqual(['ben', 'cleo']);
});

test('who is back and leaves for good is gone at once, though it was handed over', async () => {
  const { cluster, b, stopA, roster } = await twoNodes();
  const c = cluster.newNode();
  c.join('room', 'emil');
  await cluster.pass(SECOND);
  await stopA();
  b.join('room', 'anna');
  await cluster.pass(100);
  b.leave('room', 'anna');
  await cluster.pass(100);
  expect(roster()).toEqual(['ben', 'cleo', 'dora', 'emil']);
  expect(c.roster('room')).toEqual(roster());
  b.join('room', 'anna');
  await cluster.pass(100);
  expect(c.roster('room')).toEqual(['anna', 'ben', 'cleo', 'dora', 'emil']);
});

test('who comes back to a node that has not heard of the room gets its place back all the same', async () => {
  const { cluster, stopA, roster } = await twoNodes();
  const c = cluster.newNode();
  await cluster.pass(SECOND);
  await stopA();
  c.join('room', 'anna');
  await cluster.pass(SECOND);
  expect(c.roster('room')).toEqual(['anna', 'ben', 'cleo', 'dora']);
  await cluster.pass(8 * SECOND);
  expect(roster()).toEqual(['anna', 'ben']);
  expect(c.roster('room')).toEqual(['anna', 'ben']);
});

test('who is on another node as well is not waited for', async () => {
  const { cluster, b, stopA, roster } = await twoNodes();
  b.join('room', 'cleo');
  await cluster.pass(SECOND);
  await stopA();
  b.leave('room', 'cleo');
  expect(roster()).toEqual(['anna', 'ben', 'dora']);
});

test('Redis is emptied meanwhile: they are waited for all the same', async () => {
  const { cluster, stopA, roster } = await twoNodes();
  await stopA();
  cluster.redis.flush();
  await cluster.pass(3 * SECOND);
  expect(roster()).toEqual(['anna', 'ben', 'cleo', 'dora']);
  await cluster.pass(8 * SECOND);
  expect(roster()).toEqual(['ben']);
});

for (const [lost, from] of [
  ['no message comes through from before it stops', 'before'],
  ['no message comes through after its goodbye', 'after'],
] as const) {
  test(`${lost}: whoever is back elsewhere is missed at no moment, and the others go`, async () => {
    const { cluster, a, b, stopA } = await twoNodes();
    const c = cluster.newNode();
    c.join('room', 'emil');
    await cluster.pass(SECOND);
    a.join('room', 'fred');
    await cluster.pass(SECOND);
    const loseAll = () => {
      cluster.network.copies = () => 0;
    };
    if (from === 'before') loseAll();
    await stopA();
    loseAll();
    b.join('room', 'anna');
    for (let passed = 0; passed < 9 * SECOND; passed += 5) {
      const missing = ['anna', 'ben', 'emil'].filter((name) => !c.roster('room').includes(name));
      expect({ passed, missing }).toEqual({ passed, missing: [] });
      await cluster.pass(5);
    }
    expect(c.roster('room')).toEqual(['anna', 'ben', 'emil']);
  });
}

test('Redis is emptied a moment before it stops, which all others know already: they are waited for', async () => {
  const { cluster, b, stopA } = await twoNodes();
  await cluster.pass(SECOND);
  const c = cluster.newNode();
  c.join('room', 'emil');
  // Both `a` and `b` say that they live now, and `c` a second later.
  await cluster.pass(2 * SECOND - 900);
  cluster.redis.flush();
  await cluster.pass(SECOND);
  expect(c.backplane.status().nodes.map(({ state }) => state)).toContain('silent');
  await stopA();
  for (let passed = 0; passed < 3 * SECOND; passed += 5) {
    await cluster.pass(5);
    expect({ passed, missing: missingIn(c.roster('room')) }).toEqual({ passed, missing: [] });
  }
  for (const name of ['anna', 'cleo', 'dora']) b.join('room', name);
  await cluster.pass(10 * SECOND);
  expect(c.roster('room')).toEqual(b.roster('room'));
  expect(missingIn(c.roster('room'))).toEqual([]);
  for (const key of cluster.redis.keys()) expect(cluster.redis.timeLeft(key)).toBeGreaterThan(0);
});

test.each([-1_000_000, -1, 0, 1, 0.5])(
  'another program says %d of the grace of a node that lives: nobody is missed',
  async (grace) => {
    const { cluster, b } = await twoNodes();
    await cluster.pass(SECOND);
    const c = cluster.newNode();
    c.join('room', 'emil');
    await cluster.pass(SECOND);
    const { facts } = cluster.keys.nodes();
    for (let passed = 0; passed < 30 * SECOND; passed += 50) {
      const said = JSON.parse(cluster.redis.readHash(facts).n0 ?? '[]');
      if (passed < 10 * SECOND)
        cluster.redis.setField(facts, 'n0', JSON.stringify([...said.slice(0, 9), '', grace]));
      await cluster.pass(50);
      const missing = [b, c].flatMap((node) => missingIn(node.roster('room')));
      expect({ passed, missing }).toEqual({ passed, missing: [] });
    }
  },
);

test('where Redis refuses the room meanwhile, they go all the same when the grace is over', async () => {
  const { cluster, stopA, roster } = await twoNodes();
  await stopA();
  await cluster.pass(4 * SECOND);
  cluster.redis.setText(cluster.keys.room('room').hash, 'x');
  await cluster.pass(5 * SECOND);
  expect(roster()).toEqual(['ben']);
});

test('without a grace they go at once, and the node is no more among the living', async () => {
  const { cluster, b, stopA, roster } = await twoNodes(0);
  await stopA();
  expect(roster()).toEqual(['ben']);
  expect(cluster.redis.range(cluster.keys.nodes().living).map(([node]) => node)).toEqual(['n1']);
  await cluster.pass(12 * SECOND);
  expect(b.backplane.status().nodes).toHaveLength(1);
});

test('a node that stops while it still says what it holds, takes back all that it has said', async () => {
  const cluster = new SimulatedCluster();
  const b = cluster.newNode();
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  const a = cluster.newNode({ timing: { grace: 0 } });
  a.join('room', 'anna');
  for (let room = 0; room < 5_000; room++) a.join(`room ${room}`, 'anna');
  while (b.roster('room').length < 2) await cluster.pass(10);
  expect(a.backplane.status().state).toBe('connecting');
  void a.backplane.stop();
  await cluster.pass(200);
  expect(b.roster('room')).toEqual(['ben']);
  await cluster.pass(2 * SECOND);
  for (const key of cluster.redis.keys()) {
    expect(cluster.redis.timeLeft(key)).toBeGreaterThan(0);
    if (cluster.redis.typeOf(key) === 'hash')
      expect(Object.keys(cluster.redis.readHash(key))).toEqual(['n0']);
  }
});

test('a node says first that it stops, and then room by room: thousands of rooms may take longer than there is', async () => {
  const said: string[] = [];
  const cluster = new SimulatedCluster();
  const a = cluster.newNode({
    wrap:
      (connect) =>
      async (...parts) => {
        const connection = await connect(...parts);
        const run = connection.run.bind(connection);
        return Object.assign(connection, {
          run: (...[script, ...rest]: Parameters<typeof run>) => {
            said.push(script);
            return run(script, ...rest);
          },
        });
      },
  });
  for (let room = 0; room < 3; room++) a.join(`room ${room}`, 'anna');
  await cluster.pass(3 * SECOND);
  said.length = 0;
  void a.backplane.stop();
  await cluster.pass(SECOND);
  expect(said).toEqual([LEAVE, STORE, STORE, STORE]);
});

test('where a node does not understand it, they go at once', async () => {
  const { cluster, stopA, roster } = await twoNodes();
  cluster.newNode({ formats: { oldest: 1, newest: 1 } });
  await cluster.pass(3 * SECOND);
  await stopA();
  expect(roster()).toEqual(['ben']);
});

test('a node that comes later reads nothing of them when the grace is over', async () => {
  const { cluster, stopA } = await twoNodes();
  await stopA();
  await cluster.pass(8 * SECOND);
  const late = cluster.newNode();
  late.join('room', 'gustav');
  await cluster.pass(SECOND);
  expect(late.roster('room')).toEqual(['ben', 'gustav']);
  await cluster.pass(31 * SECOND);
  const { hash } = cluster.keys.room('room');
  expect(Object.keys(cluster.redis.readHash(hash)).sort()).toEqual(['n1', 'n2']);
});

test('a node that is killed is noticed as ever', async () => {
  const { cluster, a, roster } = await twoNodes();
  a.process.end();
  await cluster.pass(8 * SECOND);
  expect(roster()).toEqual(['anna', 'ben', 'cleo', 'dora']);
  await cluster.pass(5 * SECOND);
  expect(roster()).toEqual(['ben']);
});

test('a node that stops leaves no timer, no connection and no key without an expiry', async () => {
  const { cluster, a, b } = await twoNodes();
  for (const node of [a, b]) void node.backplane.stop();
  await cluster.pass(2 * SECOND);
  expect([a, b].map(({ process }) => process.waiting)).toEqual([0, 0]);
  expect(cluster.redis.sessions.size).toBe(0);
  for (const key of cluster.redis.keys()) expect(cluster.redis.timeLeft(key)).toBeGreaterThan(0);
});
