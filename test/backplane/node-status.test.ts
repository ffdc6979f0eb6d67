/** What a node says of itself and of the others, and how it finds out who lives, over the simulated Redis. */
import { hostname } from 'node:os';
import type { Connection } from '../../src/backplane/connection';
import { decodeMessage, encodeMessage, HANDOVER_FORMAT } from '../../src/backplane/message';
import { TAKE_OUT } from '../../src/backplane/scripts';
import { defaultTiming } from '../../src/backplane/timing';
import { version } from '../../src/version';
import { SimulatedCluster } from '../helpers/simulated-cluster';

const SECOND = 1_000;

async function twoNodes() {
  const cluster = new SimulatedCluster();
  const [a, b] = [cluster.newNode(), cluster.newNode()];
  await cluster.pass(SECOND);
  return { cluster, a, b, ...cluster.keys.room('room') };
}

test('what a node holds, sends and hears is counted, and the others know of it', async () => {
  const { cluster, a, b } = await twoNodes();
  a.join('room', 'anna', 'arno');
  a.join('other', 'cleo');
  a.backplane.watch('watched');
  b.join('room', 'ben');
  await cluster.pass(5 * SECOND);
  const [itself, other] = b.backplane.status().nodes;
  const node = { machine: hostname(), state: 'live', version, startedAt: expect.any(Number) };
  expect([itself, other].sort((one, two) => Number(one?.self) - Number(two?.self))).toEqual([
    { ...node, id: 'n0', self: false, rooms: 2, streams: 3 },
    { ...node, id: 'n1', self: true, rooms: 1, streams: 1 },
  ]);
  expect(b.backplane.status().counts).toMatchObject({ published: 1, ignored: 0, lost: 0, repaired: 0 });
  const { published, received } = a.backplane.status().counts;
  expect(published).toBeGreaterThanOrEqual(2);
  expect([received, b.backplane.status().counts.received]).toEqual([1, expect.any(Number)]);
  expect(b.backplane.status().counts.received).toBeGreaterThanOrEqual(1);
  expect(b.propagated).toEqual([expect.any(Number)]);
  expect(b.states.map(({ state, why }) => [state, why])).toEqual([['live', undefined]]);
  cluster.network.cut();
  await cluster.pass(3 * SECOND);
  expect(b.states.map(({ state }) => state)).toEqual(['live', 'degraded', 'live']);
  expect(b.backplane.status().counts.lost).toBe(1);
});

test('where Redis has forgotten everything, all is said again with the next heartbeat', async () => {
  const { cluster, a, b, hash } = await twoNodes();
  a.join('room', 'anna');
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  cluster.redis.flush();
  await cluster.pass(defaultTiming.refresh + SECOND);
  expect(Object.keys(cluster.redis.readHash(hash)).sort()).toEqual(['n0', 'n1']);
});

test('a list that comes back with old data, of a room that was left since, is taken out', async () => {
  const { cluster, b, hash, channel } = await twoNodes();
  const takenOut: string[] = [];
  const a = cluster.newNode({
    wrap: (connect) => async (onMessage, stop) => {
      const connection = await connect(onMessage, stop);
      const run: Connection['run'] = (script, keys, args) => {
        if (script === TAKE_OUT) takenOut.push(...args);
        return connection.run(script, keys, args);
      };
      const get = (its: Connection, name: keyof Connection) => {
        const value = its[name];
        return typeof value === 'function' ? value.bind(its) : value;
      };
      return new Proxy(connection, { get: (its, name) => (name === 'run' ? run : get(its, name as never)) });
    },
  });
  await cluster.pass(SECOND);
  a.join('room', 'anna');
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  const old = cluster.redis.copy();
  a.leave('room', 'anna');
  await cluster.pass(defaultTiming.linger + 2 * SECOND);
  const { version: last = 0 } = decodeMessage(cluster.redis.getField(hash, 'n2') ?? '', 1_000) ?? {};
  cluster.redis.restore(old);
  cluster.network.cut();
  await cluster.pass(3 * SECOND);
  expect(b.roster('room')).toEqual(['ben']);
  expect(Object.keys(cluster.redis.readHash(hash))).toEqual(['n1']);
  expect(takenOut).toEqual(['n2', expect.any(String), channel]);
  expect(decodeMessage(takenOut[1] ?? '', 1_000)).toEqual({
    node: 'n2',
    version: last + 1,
    streams: new Map(),
  });
});

test('whose list is heard first is asked for at once, and counts', async () => {
  const { cluster, a } = await twoNodes();
  a.join('room', 'anna');
  // Just after a heartbeat: the next one is far.
  await cluster.pass(1_200);
  const late = cluster.newNode();
  late.join('room', 'late');
  await cluster.pass(500);
  expect(a.roster('room')).toEqual(['anna', 'late']);
  expect(a.backplane.status().counts.ignored).toBe(0);
});

test('what a stranger says does not count, nor what is no message; but the room is read', async () => {
  const { cluster, a, hash, channel } = await twoNodes();
  a.join('room', 'anna');
  await cluster.pass(5 * SECOND);
  cluster.redis.deleteFields(hash, ['n0']);
  const stranger = { node: 'x', version: 1, streams: new Map([['eve', 1]]) };
  cluster.redis.publish(channel, encodeMessage(stranger, 1));
  cluster.redis.publish(channel, 'junk');
  await cluster.pass(SECOND);
  expect(a.roster('room')).toEqual(['anna']);
  expect(a.backplane.status().counts.ignored).toBe(2);
  expect(Object.keys(cluster.redis.readHash(hash))).toEqual(['n0']);
});

test('who asks who lives, and is refused, has a link that is of no more use', async () => {
  const { cluster, a } = await twoNodes();
  const { living } = cluster.keys.nodes();
  cluster.redis.setText(living, 'x');
  void a.backplane.look?.();
  await cluster.pass(100);
  expect(a.backplane.status().state).toBe('degraded');
  // Without a link nobody is asked.
  await a.backplane.look?.();
});

test('a node whose link is lost waits for nothing but the next attempt', async () => {
  const { cluster, a, b } = await twoNodes();
  a.join('room', 'anna');
  b.join('room', 'ben');
  await cluster.pass(5 * SECOND);
  cluster.network.kill();
  await cluster.pass(5 * SECOND);
  expect([a.process.waiting, a.backplane.status().counts.lost]).toEqual([1, 1]);
  expect(a.roster('room')).toEqual(['anna', 'ben']);
});

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
  expect(a.process.waiting).toBe(0);
});

test('a goodbye that Redis does not answer is not waited for for long', async () => {
  const { cluster, a } = await twoNodes();
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  cluster.network.freezeRedis();
  let isDone = false;
  void a.backplane.stop().then(() => {
    isDone = true;
  });
  await cluster.pass(defaultTiming.stop - 1);
  expect(isDone).toBe(false);
  await cluster.pass(1);
  expect([isDone, a.process.waiting, a.backplane.status().state]).toEqual([true, 0, 'stopped']);
  expect(a.lines.at(-1)?.facts).toEqual({ why: 'the goodbye takes too long' });
});

describe('the start', () => {
  const isDone = async (cluster: SimulatedCluster, started: Promise<unknown>, within: number) => {
    let done = false;
    void started.then(() => {
      done = true;
    });
    await cluster.pass(within);
    return done;
  };

  test('is over when the link is live, and leaves no timer of its own', async () => {
    const cluster = new SimulatedCluster();
    const node = cluster.newNode();
    expect(node.backplane.status().state).toBe('connecting');
    expect(await isDone(cluster, node.started, 500)).toBe(true);
    expect(node.backplane.status().state).toBe('live');
  });

  test('is over when Redis cannot be reached', async () => {
    const cluster = new SimulatedCluster();
    cluster.network.kill();
    expect(await isDone(cluster, cluster.newNode().started, 500)).toBe(true);
  });

  test('waits for a Redis that says nothing, but not for long, and not beyond a stop', async () => {
    const cluster = new SimulatedCluster();
    cluster.network.freezeRedis();
    const [one, two] = [cluster.newNode(), cluster.newNode()];
    expect(await isDone(cluster, one.started, defaultTiming.start - 1)).toBe(false);
    await two.backplane.stop();
    expect([await isDone(cluster, two.started, 0), two.process.waiting]).toEqual([true, 0]);
    expect(await isDone(cluster, one.started, 1)).toBe(true);
    expect(two.lines).toEqual([]);
  });
});

test('a node that stands still holds what it holds, and takes nothing more', async () => {
  const { cluster, a, b } = await twoNodes();
  a.join('room', 'anna');
  b.join('room', 'ben');
  b.backplane.watch('watched');
  b.join('watched', 'bo');
  await cluster.pass(SECOND);
  b.backplane.standStill();
  b.leave('room', 'ben');
  b.join('room', 'late');
  b.join('new', 'late');
  b.backplane.watch('newer');
  b.backplane.unwatch('watched');
  b.backplane.unwatch('nowhere');
  await cluster.pass(20 * SECOND);
  expect(a.roster('room')).toEqual(['anna', 'ben']);
  expect(a.backplane.status().nodes.find(({ id }) => id === 'n1')).toMatchObject({ rooms: 2, streams: 2 });
  for (const room of ['new', 'newer'])
    expect(cluster.redis.readHash(cluster.keys.room(room).hash)).toEqual({});
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
