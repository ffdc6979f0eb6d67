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
  cluster.servers[0]?.network.kill();
  await cluster.pass(3 * SECOND);
  // One Redis alone needs no name, neither in the log nor in the reason.
  expect(node.backplane.status().why).toBe('connect ECONNREFUSED');
  expect(node.lines.map(({ facts }) => 'redis' in facts)).not.toContain(true);
});

test('how all of them are is told when it changes, and since when', async () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(1_700_000_000_000);
  try {
    const { cluster, a } = await twoNodes();
    const told = () => a.states.splice(0).map(({ state, since }) => [state, since - 1_700_000_000_000]);
    expect(told().at(-1)).toEqual(['live', 0]);
    now.mockReturnValue(1_700_000_001_000);
    cluster.servers[1]?.network.kill();
    await cluster.pass(SECOND);
    now.mockReturnValue(1_700_000_002_000);
    cluster.servers[2]?.network.kill();
    await cluster.pass(SECOND);
    const reasons = a.states.map(({ why }) => why);
    expect(new Set(reasons).size).toBe(reasons.length);
    const states = told();
    expect(states.length).toBeGreaterThan(1);
    expect(new Set(states.map(String))).toEqual(new Set(['degraded,1000']));
    expect(a.backplane.status().since).toBe(1_700_000_001_000);
    now.mockReturnValue(1_700_000_003_000);
    for (const index of [1, 2]) cluster.servers[index]?.network.start();
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
    expect([a.states.map(({ state }) => state), cluster.asked]).toEqual([['live'], []]);
    expect(b.propagated).toHaveLength(ROOMS.length);
    const other = cluster.newNode({ servers: [0, 2, 1] });
    await cluster.pass(5 * SECOND);
    expect(other.backplane.status()).toMatchObject({
      state: 'degraded',
      why: expect.stringContaining('REDIS_URL'),
    });
    cluster.servers[2]?.network.redis.setText(cluster.keys.nodes().living, 'x');
    await cluster.pass(3 * SECOND);
    expect(a.lines.filter(({ level }) => level === 'error').at(-1)?.facts).toMatchObject({
      redis: cluster.servers[2]?.place,
      remedy: expect.stringMatching(/delete it/),
    });
    expect(a.backplane.status().why).toMatch(/delete it/);
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

  test('keeps its links where a slot moves, but for the one whose rooms have gone', async () => {
    const { cluster, a, owner } = await afterALook();
    const links = () => cluster.servers.map(({ network }) => new Set(network.connections));
    const before = links();
    const { published } = a.backplane.status().counts;
    cluster.moveSlot(room, (owner + 1) % 3, true);
    await cluster.pass(SECOND);
    const kept = links().map((now, index) => [...now].filter((link) => before[index]?.has(link)).length);
    expect(kept).toEqual([0, 1, 2].map((index) => (index === owner ? 0 : 2)));
    expect(links().map(({ size }) => size)).toEqual([2, 2, 2]);
    expect(a.backplane.status().counts.published).toBeGreaterThanOrEqual(published);
    expect(a.roster(room)).toEqual(['n0', 'n1']);
    expect(a.lines).toContainEqual(
      expect.objectContaining({
        facts: { redis: cluster.servers[owner]?.place, why: 'slots have moved to another primary' },
      }),
    );
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
