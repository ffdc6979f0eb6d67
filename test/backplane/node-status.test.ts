/** What a node says of itself and of the others, and how it finds out who lives, over the simulated Redis. */
import { hostname } from 'node:os';
import type { Connection } from '../../src/backplane/connection';
import { decodeMessage, encodeMessage } from '../../src/backplane/message';
import type { RedisBackplane } from '../../src/backplane/redis-backplane';
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

test.each(['anna', undefined])(
  'a node says that Redis has all that it holds when it has: %s',
  async (name) => {
    const cluster = new SimulatedCluster();
    const node = cluster.newNode();
    if (name !== undefined) node.join('room', name);
    const { facts } = cluster.keys.nodes();
    const said = () => {
      const text = cluster.redis.getField(facts, 'n0');
      return text === undefined ? undefined : JSON.parse(text)[8];
    };
    for (let look = 0; look < 100 && said() === undefined; look++) await cluster.pass(5);
    expect(said()).toBe(false);
    await cluster.pass(defaultTiming.refresh + 500);
    expect(said()).toBe(true);
  },
);

test('a link is made anew where it is said to be of no more use', async () => {
  const { cluster, a } = await twoNodes();
  const backplane = a.backplane as RedisBackplane;
  backplane.reconnect(new Error('slots have moved'));
  await cluster.pass(20);
  expect(a.states.at(-1)).toMatchObject({ state: 'degraded', why: 'slots have moved' });
  expect(() => backplane.reconnect(new Error('once more'))).not.toThrow();
  await cluster.pass(SECOND);
  expect(a.states.at(-1)).toMatchObject({ state: 'live' });
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
