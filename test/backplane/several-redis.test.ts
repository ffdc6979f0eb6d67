/** Rooms over several Redis, as the host sees them: what it asks goes to the right one, and it hears how all of them are. */
import { defaultTiming } from '../../src/backplane/timing';
import { SimulatedShards } from '../helpers/simulated-shards';

const SECOND = 1_000;
const ROOMS = Array.from({ length: 9 }, (_, index) => `room ${index}`);

async function twoNodes() {
  const cluster = new SimulatedShards(3);
  const [a, b] = [cluster.newNode(), cluster.newNode()];
  await cluster.pass(3 * SECOND);
  return { cluster, a, b };
}

const isDone = async (cluster: SimulatedShards, started: Promise<unknown>, within: number) => {
  let done = false;
  void started.then(() => {
    done = true;
  });
  await cluster.pass(within);
  return done;
};

test('what a node asks of a room goes to the Redis that has its slot', async () => {
  const { cluster, a, b } = await twoNodes();
  for (const room of ROOMS) {
    a.join(room, 'anna');
    b.backplane.watch(room);
    expect([b.backplane.knows(room), b.backplane.elsewhere(room)]).toEqual([false, 0]);
  }
  expect(new Set(ROOMS.map((room) => cluster.ownerOf(room))).size).toBe(3);
  await cluster.pass(SECOND);
  for (const room of ROOMS) {
    expect([b.backplane.knows(room), b.backplane.elsewhere(room), b.roster(room)]).toEqual([
      true,
      1,
      ['anna'],
    ]);
    expect(b.backplane.elsewhere(room, 'anna')).toBe(0);
    b.backplane.unwatch(room);
  }
  await cluster.pass(3 * defaultTiming.linger);
  for (const room of ROOMS) expect(b.roster(room)).toEqual([]);
});

test('who stands still does so over all of them, also over one that comes late', async () => {
  const { cluster, a, b } = await twoNodes();
  for (const room of ROOMS) for (const node of [a, b]) node.join(room, `n${node.index}`);
  await cluster.pass(SECOND);
  b.backplane.standStill();
  const owner = cluster.ownerOf(ROOMS[0] ?? '');
  const added = cluster.addServer();
  cluster.moveSlot(ROOMS[0] ?? '', added, true);
  await cluster.pass(10 * SECOND);
  expect([owner, cluster.ownerOf(ROOMS[0] ?? '')]).toEqual([expect.any(Number), added]);
  for (const room of ROOMS) {
    b.leave(room, 'n1');
    b.join(room, 'late');
  }
  await cluster.pass(SECOND);
  for (const room of ROOMS) expect(new Set(a.roster(room))).toEqual(new Set(['n0', 'n1']));
});

test('looking who lives is done over each', async () => {
  const cluster = new SimulatedShards(1);
  const node = cluster.newNode();
  await cluster.pass(SECOND);
  cluster.servers[0]?.network.redis.setText(cluster.keys.nodes().living, 'x');
  void node.backplane.look?.();
  await cluster.pass(100);
  expect(node.backplane.status().state).toBe('degraded');
  // One Redis alone needs no name in the log.
  expect(node.lines.map(({ facts }) => 'redis' in facts)).not.toContain(true);
});

describe('a list of addresses that turns out to be a cluster', () => {
  test('is live when the start is over, and says what it is', async () => {
    const cluster = new SimulatedShards(3);
    const node = cluster.newNode({ count: 2 });
    const states: string[] = [];
    void node.started.then(() => states.push(node.backplane.status().state));
    await cluster.pass(defaultTiming.start);
    expect(states).toEqual(['live']);
    const primaries = cluster.servers.map(({ place }) => place);
    expect(node.lines).toContainEqual({
      level: 'info',
      message: 'the Redis Cluster has told which primaries it has',
      facts: { primaries },
    });
    expect(node.lines.filter(({ facts }) => 'redis' in facts).map(({ facts }) => facts)).toContainEqual(
      expect.objectContaining({ redis: primaries[0] }),
    );
    expect(cluster.asked[0]?.places).toEqual(primaries.slice(0, 2));
    await cluster.pass(defaultTiming.expiry);
    expect(cluster.asked.at(-1)?.places).toEqual([...primaries, ...primaries.slice(0, 2)]);
  });

  test('is asked for its map every five seconds', async () => {
    const { cluster } = await twoNodes();
    const before = cluster.asked.length;
    await cluster.pass(10 * SECOND);
    expect(cluster.asked.length - before).toBe(4);
  });

  test('whose map takes long is not waited for for long, and not beyond a stop', async () => {
    const cluster = new SimulatedShards(3);
    cluster.mapTakes = 20 * SECOND;
    const node = cluster.newNode();
    expect(await isDone(cluster, node.started, defaultTiming.start)).toBe(false);
    expect(await isDone(cluster, node.started, 500)).toBe(true);
    void node.backplane.stop();
    expect(cluster.asked[0]?.stop.reason).toEqual(new Error('the node stops'));
    await cluster.pass(30 * SECOND);
    expect(node.process.waiting).toBe(0);
  });

  test('whose map nobody knows does not keep the host from starting', async () => {
    const cluster = new SimulatedShards(3);
    const node = cluster.newNode();
    await cluster.pass(15);
    for (const { network } of cluster.servers) network.kill();
    expect(await isDone(cluster, node.started, 500)).toBe(true);
    expect(node.backplane.status().state).toBe('degraded');
  });
});

test('how all of them are is told when it changes, and since when', async () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000);
  try {
    const { cluster, a } = await twoNodes();
    const told = () => a.states.splice(0).map(({ state, since }) => [state, since - 1_700_000_000_000]);
    expect(told().at(-1)).toEqual(['live', 0]);
    now.mockReturnValue(1_700_000_001_000);
    cluster.servers[0]?.network.kill();
    await cluster.pass(SECOND);
    now.mockReturnValue(1_700_000_002_000);
    cluster.servers[1]?.network.kill();
    await cluster.pass(SECOND);
    const states = told();
    expect(states.length).toBeGreaterThan(1);
    expect(new Set(states.map(String))).toEqual(new Set(['degraded,1000']));
    expect(a.backplane.status().since).toBe(1_700_000_001_000);
    now.mockReturnValue(1_700_000_003_000);
    for (const index of [0, 1]) cluster.servers[index]?.network.start();
    await cluster.pass(5 * SECOND);
    expect(told().at(-1)).toEqual(['live', 3_000]);
  } finally {
    now.mockRestore();
  }
});

describe('several Redis that are no cluster', () => {
  test('share the rooms, and a node that was given others is told of', async () => {
    const cluster = new SimulatedShards(3);
    cluster.isPlain = true;
    const [a, b] = [cluster.newNode(), cluster.newNode()];
    await cluster.pass(3 * SECOND);
    for (const room of ROOMS) a.join(room, 'anna');
    for (const room of ROOMS) b.join(room, 'ben');
    await cluster.pass(3 * SECOND);
    for (const room of ROOMS) expect(b.roster(room)).toEqual(['anna', 'ben']);
    expect([a.backplane.status().state, cluster.asked]).toEqual(['live', []]);
    expect(b.propagated).toHaveLength(ROOMS.length);
    const other = cluster.newNode({ count: 2 });
    await cluster.pass(5 * SECOND);
    expect(other.backplane.status()).toMatchObject({
      state: 'degraded',
      why: expect.stringContaining('REDIS_URL'),
    });
  });

  test('take back what an old copy lists, each of its own rooms', async () => {
    const cluster = new SimulatedShards(3);
    cluster.isPlain = true;
    const node = cluster.newNode();
    await cluster.pass(SECOND);
    for (const room of ROOMS) node.join(room, 'anna');
    await cluster.pass(SECOND);
    const old = cluster.servers.map(({ network }) => network.redis.copy());
    for (const room of ROOMS) node.leave(room, 'anna');
    await cluster.pass(2 * defaultTiming.linger);
    for (const [index, { network }] of cluster.servers.entries()) {
      network.redis.restore(old[index] ?? new Map());
      network.cut();
    }
    await cluster.pass(3 * SECOND);
    const left = ROOMS.flatMap((room) => {
      const { hash } = cluster.keys.room(room);
      return cluster.servers.flatMap(({ network }) => Object.keys(network.redis.readHash(hash)));
    });
    expect(left).toEqual([]);
  });
});

describe('a node of a cluster', () => {
  const [room = ''] = ROOMS;

  /** Time passes until the map was looked at, so that the next look is far. */
  async function afterALook() {
    const story = await twoNodes();
    for (const node of [story.a, story.b]) node.join(room, `n${node.index}`);
    await story.cluster.pass(SECOND);
    const { cluster } = story;
    for (let before = cluster.asked.length; cluster.asked.length < before + 2; ) await cluster.pass(50);
    await cluster.pass(200);
    return { ...story, owner: cluster.ownerOf(room) };
  }

  test('follows a slot at once where it is told that it has moved', async () => {
    const { cluster, owner } = await afterALook();
    const to = (owner + 1) % 3;
    cluster.moveSlot(room, to, false);
    await cluster.pass(SECOND);
    const { hash } = cluster.keys.room(room);
    expect(Object.keys(cluster.servers[to]?.network.redis.readHash(hash) ?? {}).sort()).toEqual(['n0', 'n1']);
  });

  test('asks who has the slots of a primary before it connects to it again', async () => {
    const { cluster, a, owner } = await afterALook();
    cluster.promote(owner, true);
    await cluster.pass(1_500);
    expect(a.backplane.status()).toMatchObject({ state: 'live' });
    expect(a.lines.map(({ message }) => message).at(-1)).toMatch(/again$/);
  });
});

test('a Redis that cannot be reached is told as such', async () => {
  const cluster = new SimulatedShards(3);
  cluster.servers[1]?.network.kill();
  const node = cluster.newNode();
  await cluster.pass(500);
  expect(node.lines).toContainEqual({
    level: 'warn',
    message: 'rooms are not shared with the other nodes: retrying',
    facts: { redis: cluster.servers[1]?.place, why: expect.stringMatching(/^connect ECONNREFUSED/) },
  });
});

test('notes are the ones that it was given, and stop with it', async () => {
  const cluster = new SimulatedShards(1);
  let stopped = 0;
  const notes = { stop: () => stopped++ };
  const [node, other] = [cluster.newNode({ notes: notes as never }), cluster.newNode()];
  expect(node.backplane.notes).toBe(notes);
  expect('notes' in other.backplane && other.backplane.notes !== undefined).toBe(false);
  await cluster.pass(SECOND);
  void node.backplane.stop();
  void other.backplane.stop();
  expect(stopped).toBe(1);
  await cluster.pass(SECOND);
});
