/** How a node starts, stands still and stops, over the simulated Redis. */
import { HANDOVER_FORMAT } from '../../src/backplane/message';
import { defaultTiming } from '../../src/backplane/timing';
import { isDoneWithin } from '../helpers/done-within';
import { SimulatedCluster } from '../helpers/simulated-cluster';

const SECOND = 1_000;

async function twoNodes() {
  const cluster = new SimulatedCluster();
  const [a, b] = [cluster.newNode(), cluster.newNode()];
  await cluster.pass(SECOND);
  return { cluster, a, b };
}

test('a goodbye that does not reach Redis is told in the log', async () => {
  const { cluster, a } = await twoNodes();
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  const stopped = a.backplane.stop();
  cluster.network.cut();
  await cluster.pass(SECOND);
  await stopped;
  expect(a.lines.at(-1)).toEqual({
    level: 'warn',
    message: 'the other nodes were not told that this one stops',
    facts: { why: expect.stringMatching(/./) },
  });
  const rooms = () => a.backplane.status().nodes.find(({ self }) => self)?.rooms;
  const before = rooms();
  a.join('new', 'late');
  expect([a.process.waiting, rooms()]).toEqual([0, before]);
});

test('a goodbye that Redis does not answer is not waited for for long', async () => {
  const { cluster, a } = await twoNodes();
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  cluster.network.freezeRedis();
  const stopped = a.backplane.stop();
  expect(await isDoneWithin(cluster, stopped, defaultTiming.stop - 1)).toBe(false);
  expect([await isDoneWithin(cluster, stopped, 1), a.process.waiting, a.backplane.status().state]).toEqual([
    true,
    0,
    'stopped',
  ]);
  expect(a.lines.at(-1)?.facts).toEqual({ why: 'the goodbye takes too long' });
});

describe('the start', () => {
  test('is over when the link is live, and leaves no timer of its own', async () => {
    const cluster = new SimulatedCluster();
    const node = cluster.newNode();
    expect(node.backplane.status().state).toBe('connecting');
    expect(await isDoneWithin(cluster, node.started, 500)).toBe(true);
    expect(node.backplane.status().state).toBe('live');
  });

  test('is over when Redis cannot be reached', async () => {
    const cluster = new SimulatedCluster();
    cluster.network.kill();
    expect(await isDoneWithin(cluster, cluster.newNode().started, 500)).toBe(true);
  });

  test('waits for a Redis that says nothing, but not for long, and not beyond a stop', async () => {
    const cluster = new SimulatedCluster();
    cluster.network.freezeRedis();
    const [one, two] = [cluster.newNode(), cluster.newNode()];
    expect(await isDoneWithin(cluster, one.started, defaultTiming.start - 1)).toBe(false);
    await two.backplane.stop();
    expect([await isDoneWithin(cluster, two.started, 0), two.process.waiting]).toEqual([true, 0]);
    expect(await isDoneWithin(cluster, one.started, 1)).toBe(true);
    expect(two.lines).toEqual([]);
  });
});

test('a node that stands still holds what it holds, and takes nothing more', async () => {
  const { cluster, a, b } = await twoNodes();
  a.join('room', 'anna');
  b.join('room', 'ben');
  b.backplane.watch('watched');
  b.join('watched', 'bo');
  b.backplane.watch('looked at');
  await cluster.pass(SECOND);
  b.backplane.standStill();
  b.leave('room', 'ben');
  b.join('room', 'late');
  b.join('new', 'late');
  b.backplane.watch('newer');
  b.backplane.unwatch('watched');
  b.backplane.unwatch('looked at');
  b.backplane.unwatch('nowhere');
  await cluster.pass(20 * SECOND);
  expect(a.roster('room')).toEqual(['anna', 'ben']);
  expect(a.backplane.status().nodes.find(({ id }) => id === 'n1')).toMatchObject({ rooms: 2, streams: 2 });
  for (const room of ['new', 'newer'])
    expect(cluster.redis.readHash(cluster.keys.room(room).hash)).toEqual({});
  a.join('looked at', 'anna');
  await cluster.pass(SECOND);
  expect(b.roster('looked at')).toEqual(['anna']);
});

test('of a room that a node does not follow it knows what it is told by its members', async () => {
  const { cluster, a, b } = await twoNodes();
  expect([a.backplane.knows('room'), a.backplane.elsewhere('room')]).toEqual([true, 0]);
  a.backplane.unwatch('room');
  a.backplane.streamLeft('room', { name: 'x', encoded: '"x"' });
  a.join('room', 'anna');
  expect(a.backplane.knows('room')).toBe(false);
  b.join('room', 'anna', 'ben');
  await cluster.pass(SECOND);
  expect(a.backplane.knows('room')).toBe(true);
  expect([a.backplane.elsewhere('room'), a.backplane.elsewhere('room', 'ben')]).toEqual([1, 0]);
});

test('the oldest format in which streams are handed over does so', async () => {
  const cluster = new SimulatedCluster();
  const formats = { oldest: 1, newest: HANDOVER_FORMAT };
  const [a, b] = [cluster.newNode({ formats }), cluster.newNode({ formats })];
  a.join('room', 'anna');
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  void a.backplane.stop();
  await cluster.pass(defaultTiming.grace - SECOND);
  expect(new Set(b.roster('room'))).toEqual(new Set(['anna', 'ben']));
  a.join('room', 'late');
  await cluster.pass(3 * SECOND);
  expect(b.roster('room')).toEqual(['ben']);
});
