/** What is sent, stored, kept and read again, command by command. */
import type { Connect } from '../../src/backplane/connection';
import type { FormatRange } from '../../src/backplane/message';
import { APPEND, DELETE_IF, EXCHANGE, HEARTBEAT, KEEP, STORE } from '../../src/backplane/scripts';
import { type NewNode, SimulatedCluster } from '../helpers/simulated-cluster';

const SECOND = 1_000;

interface Command {
  readonly at: number;
  readonly what: string;
  readonly key: string;
}

/** A cluster, and what its nodes ask of Redis. */
function observed() {
  const cluster = new SimulatedCluster();
  const commands: Command[] = [];
  const wrap = (connect: Connect): Connect => {
    return async (onMessage, stop) => {
      const connection = await connect(onMessage, stop);
      const note = (what: string, key = '') => commands.push({ at: cluster.clock.now(), what, key });
      const { run, readHash } = connection;
      connection.run = (script, keys, args) => {
        note(names.get(script) ?? 'another script', keys[0]);
        return run.call(connection, script, keys, args);
      };
      connection.readHash = (key) => {
        note('read', key);
        return readHash.call(connection, key);
      };
      return connection;
    };
  };
  const node = (more: NewNode = {}) => cluster.newNode({ ...more, wrap });
  const since = (at: number, key: string) =>
    commands.filter((command) => command.at >= at && command.key === key).map(({ what }) => what);
  return { cluster, commands, node, since };
}

const names = new Map([
  [STORE, 'store'],
  [APPEND, 'append'],
  [KEEP, 'keep'],
  [EXCHANGE, 'exchange'],
  [HEARTBEAT, 'heartbeat'],
  [DELETE_IF, 'delete'],
]);

test('a room in which nothing happens is kept every minute and read once in ten; nothing is written for a read', async () => {
  const { cluster, node, since } = observed();
  const a = node();
  await cluster.pass(SECOND);
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  const { hash } = cluster.keys.room('room');
  await cluster.pass(640 * SECOND);
  const asked = since(2 * SECOND, hash);
  const count = (what: string) => asked.filter((other) => other === what).length;
  expect({ read: count('read'), keep: count('keep') }).toEqual({ read: 1, keep: 10 });
  expect(asked).toHaveLength(11);
  expect(cluster.redis.timeLeft(hash)).toBeGreaterThan(30 * SECOND);
});

test('where a node has no digests, every room is read every 30 s', async () => {
  const { cluster, node, since } = observed();
  const [a] = [node(), node({ formats: { oldest: 1, newest: 2 } })];
  await cluster.pass(3 * SECOND);
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  const { hash } = cluster.keys.room('room');
  await cluster.pass(120 * SECOND);
  const asked = since(5 * SECOND, hash);
  expect(asked.filter((what) => what === 'read')).toHaveLength(4);
  expect(since(0, cluster.keys.nodes().digests)).toEqual([]);
});

test('a list that Redis has lost is stored again by the next that keeps it, and at once where somebody comes into the room', async () => {
  const { cluster, node } = observed();
  const [a, b] = [node(), node()];
  a.join('room', 'anna');
  await cluster.pass(5 * SECOND);
  const { hash } = cluster.keys.room('room');
  cluster.redis.deleteKey(hash);
  await cluster.pass(76 * SECOND);
  expect(Object.keys(cluster.redis.readHash(hash))).toEqual(['n0']);
  expect(cluster.redis.timeLeft(hash)).toBeGreaterThan(0);
  for (const name of ['ben', 'bella']) {
    cluster.redis.deleteKey(hash);
    b.join('room', name);
    await cluster.pass(SECOND / 2);
    expect(new Set(b.roster('room'))).toEqual(new Set(['anna', name]));
    b.leave('room', name);
    await cluster.pass(10 * SECOND);
  }
});

test('and within 10 s where that was just after it had been stored', async () => {
  const { cluster, node } = observed();
  const [a, b] = [node(), node()];
  await cluster.pass(SECOND);
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  cluster.redis.deleteKey(cluster.keys.room('room').hash);
  b.join('room', 'ben');
  await cluster.pass(11 * SECOND);
  expect(b.roster('room')).toEqual(a.roster('room'));
  expect(b.roster('room')).toHaveLength(2);
});

test('somebody evicts a room: nobody is given up because its list is not there again yet', async () => {
  const { cluster, node } = observed();
  const [a, b] = [node(), node()];
  await cluster.pass(SECOND);
  a.join('room', 'anna');
  await cluster.pass(15 * SECOND);
  b.join('room', 'ben');
  await cluster.pass(60 * SECOND);
  for (let time = 0; time < 10; time++) {
    cluster.redis.deleteKey(cluster.keys.room('room').hash);
    a.join('room', `late ${time}`);
    for (let look = 0; look < 33; look++) {
      await cluster.pass(SECOND);
      expect(a.roster('room')).toContain('ben');
    }
  }
});

test('who left unheard, and whom Redis has forgotten, is given up once all had the time to say what they hold', async () => {
  const cluster = new SimulatedCluster();
  let isDeaf = false;
  const deafen = (connect: Connect): Connect => {
    return (onMessage, stop) =>
      connect((channel, text) => (isDeaf ? undefined : onMessage(channel, text)), stop);
  };
  const [a, b] = [cluster.newNode({ wrap: deafen }), cluster.newNode()];
  await cluster.pass(SECOND);
  a.join('room', 'anna');
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  isDeaf = true;
  b.leave('room', 'ben');
  await cluster.pass(6 * SECOND);
  cluster.redis.flush();
  await cluster.pass(15 * SECOND);
  expect(new Set(a.roster('room'))).toEqual(new Set(['anna', 'ben']));
  await cluster.pass(45 * SECOND);
  expect(a.roster('room')).toEqual(['anna']);
});

test('a room that nobody here is in is followed for 5 s more, and no longer; who comes back follows it again', async () => {
  const { cluster, node } = observed();
  const a = node();
  await cluster.pass(SECOND);
  const followed = () => [...cluster.redis.sessions].flatMap(({ channels }) => [...channels]);
  const { channel } = cluster.keys.room('room');
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  a.leave('room', 'anna');
  await cluster.pass(4 * SECOND);
  expect(followed()).toEqual([channel]);
  await cluster.pass(2 * SECOND);
  expect(followed()).toEqual([]);
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  expect(followed()).toEqual([channel]);
});

test('a big list told whole is sent every 200 ms at most; a small one, or what has changed of a big one, is not kept waiting', async () => {
  const { cluster, node, since } = observed();
  const sentIn = async (formats: FormatRange) => {
    const a = node({ formats });
    await cluster.pass(3 * SECOND);
    const sent = async (room: string) => {
      const startedAt = cluster.clock.now();
      for (let change = 0; change < 400; change++) {
        a.join(room, `late ${change}`);
        await cluster.pass(5);
      }
      const writes = since(startedAt, cluster.keys.room(room).hash);
      return writes.filter((what) => what === 'store' || what === 'append').length;
    };
    const small = await sent('small');
    a.join('big', ...Array.from({ length: 700 }, (_, index) => `${index}`.padEnd(100, 'x')));
    await cluster.pass(SECOND);
    return { small, big: await sent('big') };
  };
  // Each is answered after 20 ms, and none is sent before the last one is answered.
  const { small, big } = await sentIn({ oldest: 1, newest: 3 });
  expect(small).toBeGreaterThan(80);
  expect(big).toBeGreaterThan(80);
  expect((await sentIn({ oldest: 1, newest: 2 })).big).toBeLessThanOrEqual(11);
});

test('the list of a dead node is deleted by whoever reads it, and no other', async () => {
  const { cluster, node } = observed();
  const [a, b] = [node(), node()];
  await cluster.pass(SECOND);
  a.join('room', 'anna');
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  b.process.end();
  await cluster.pass(50 * SECOND);
  expect(Object.keys(cluster.redis.readHash(cluster.keys.room('room').hash))).toEqual(['n0']);
});

test('after a restart of Redis the heart beats on while thousands of rooms are said again, the busy ones first', async () => {
  const { cluster, node, commands } = observed();
  const a = node();
  await cluster.pass(SECOND);
  for (let room = 0; room < 2_000; room++) a.join(`idle ${room}`, 'anna');
  await cluster.pass(100 * SECOND);
  a.join('idle 1999', 'ben');
  await cluster.pass(SECOND);
  cluster.network.kill();
  cluster.redis.flush();
  cluster.network.start();
  const restartedAt = cluster.clock.now();
  await cluster.pass(20 * SECOND);
  const after = commands.filter(({ at }) => at >= restartedAt + 40);
  expect(after[0]?.what).toBe('heartbeat');
  const read = after.find(({ what, key }) => what === 'read' && key.includes('{h.'));
  expect(read?.key).toBe(cluster.keys.room('idle 1999').hash);
  const rooms = new Set(after.filter(({ what }) => what === 'store').map(({ key }) => key));
  expect(rooms.size).toBeGreaterThanOrEqual(2_000);
});

test('a node says that Redis lacks some of what it holds only while it says everything, not whenever a room opens', async () => {
  const { cluster, node } = observed();
  const a = node();
  const { facts } = cluster.keys.nodes();
  const synced = () => JSON.parse(cluster.redis.getField(facts, 'n0') ?? '[]').at(-1);
  const seen = new Set<unknown>();
  await cluster.pass(SECOND);
  expect(synced()).toBe(false);
  await cluster.pass(2 * SECOND);
  for (let room = 0; room < 1_000; room++) {
    a.join(`room ${room}`, 'anna');
    await cluster.pass(5);
    seen.add(synced());
  }
  expect([...seen]).toEqual([true]);
  cluster.redis.flush();
  await cluster.pass(2 * SECOND);
  await cluster.pass(2 * SECOND);
  expect(synced()).toBe(true);
});
