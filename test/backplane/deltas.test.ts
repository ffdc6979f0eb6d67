/** Lists told by deltas, over the simulated Redis: what is sent, what is stored, and what becomes of a gap. */
import type { Connect } from '../../src/backplane/connection';
import { encodeDelta, encodeMessage } from '../../src/backplane/message';
import { storedLists, storedVersion } from '../../src/backplane/stored-list';
import { type NewNode, SimulatedCluster } from '../helpers/simulated-cluster';

const SECOND = 1_000;
const CROWD = Array.from({ length: 500 }, (_, index) => `stream ${index}`);

/** Two nodes, of which the first holds a crowd in a room and the second one stream; and what goes over the wire. */
async function crowded(more: NewNode = {}) {
  const cluster = new SimulatedCluster();
  const { hash, channel } = cluster.keys.room('room');
  const wire = { sent: 0, told: [] as string[], reads: 0 };
  let isDeaf = false;
  const wrap = (connect: Connect): Connect => {
    return async (onMessage, stop) => {
      const connection = await connect((channel, text) => {
        wire.told.push(text);
        if (!isDeaf) onMessage(channel, text);
      }, stop);
      const { run, readHash } = connection;
      connection.run = (script, keys, args) => {
        if (keys[0] === hash) wire.sent += args.join('').length;
        return run.call(connection, script, keys, args);
      };
      connection.readHash = (key) => {
        if (key === hash) wire.reads++;
        return readHash.call(connection, key);
      };
      return connection;
    };
  };
  const [a, b] = [cluster.newNode({ ...more, wrap }), cluster.newNode({ ...more, wrap })];
  await cluster.pass(SECOND);
  a.join('room', ...CROWD);
  await cluster.pass(SECOND);
  b.join('room', 'ben');
  await cluster.pass(SECOND);
  Object.assign(wire, { sent: 0, told: [], reads: 0 });
  const deafen = (deaf: boolean) => {
    isDeaf = deaf;
  };
  const stored = (node: string) =>
    storedLists(cluster.redis.readHash(hash)).find((list) => list.node === node);
  return { cluster, a, b, hash, channel, wire, deafen, stored };
}

test('a change of a large list is told and stored by what has changed, and read whole', async () => {
  const { cluster, a, b, wire, stored } = await crowded();
  a.join('room', 'anna');
  a.leave('room', 'stream 7');
  await cluster.pass(SECOND);
  expect(wire.told.every((text) => text.length < 120)).toBe(true);
  expect(wire.sent).toBeLessThan(500);
  expect(b.roster('room')).toEqual(a.roster('room'));
  expect(b.roster('room')).toHaveLength(501);
  expect(stored('n0')?.journal).toContain('anna');
  const late = cluster.newNode();
  late.join('room', 'late');
  await cluster.pass(SECOND);
  expect(late.roster('room')).toEqual(a.roster('room'));
  expect(late.roster('room')).toContain('anna');
});

test('a journal does not grow beyond a part of its list: the list is stored anew, and told by a delta all the same', async () => {
  const { cluster, a, b, wire, stored } = await crowded();
  const journals: number[] = [];
  for (let change = 0; change < 300; change++) {
    a.join('room', `late ${change}`);
    await cluster.pass(60);
    journals.push(stored('n0')?.journal.length ?? Infinity);
  }
  const list = stored('n0')?.text.length ?? 0;
  expect(Math.max(...journals)).toBeGreaterThan(list / 8);
  expect(Math.max(...journals)).toBeLessThan(list / 4);
  expect(Math.max(...wire.told.map((text) => text.length))).toBeLessThan(120);
  expect(b.roster('room')).toEqual(a.roster('room'));
});

test('a message is missing: the next one shows it, and the room is read at once', async () => {
  const { cluster, a, b, wire, deafen } = await crowded();
  deafen(true);
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  deafen(false);
  expect(b.roster('room')).not.toContain('anna');
  a.join('room', 'arno', 'ada');
  await cluster.pass(100);
  expect(b.roster('room')).toEqual(a.roster('room'));
  expect(wire.reads).toBe(1);
  await cluster.pass(21 * SECOND);
  expect(b.backplane.status().counts.repaired).toBe(0);
});

test('the last message is missing, and none follows: the digests show it', async () => {
  const { cluster, a, b, deafen, wire } = await crowded();
  await cluster.pass(60 * SECOND);
  wire.reads = 0;
  deafen(true);
  a.leave('room', 'stream 7');
  await cluster.pass(SECOND);
  deafen(false);
  await cluster.pass(24 * SECOND);
  expect(b.roster('room')).toEqual(a.roster('room'));
  expect(b.roster('room')).not.toContain('stream 7');
  await cluster.pass(30 * SECOND);
  expect(b.backplane.status().counts.repaired).toBe(1);
  expect(wire.reads).toBe(2);
});

test('Redis has lost the list, or holds another version of it: the list is told whole', async () => {
  const { cluster, a, b, hash, wire, stored } = await crowded();
  const harms = [
    () => cluster.redis.deleteKey(hash),
    () => cluster.redis.deleteFields(hash, ['n0+']),
    () => cluster.redis.setField(hash, 'n0', '[3,"n0",1,[]]'),
    () => cluster.redis.setField(hash, 'n0', 'x'),
  ];
  for (const [index, harm] of harms.entries()) {
    a.join('room', `before ${index}`);
    await cluster.pass(SECOND);
    wire.told = [];
    harm();
    cluster.redis.deleteFields(hash, index > 1 ? ['n0+'] : []);
    a.join('room', `after ${index}`);
    await cluster.pass(SECOND);
    expect({ index, whole: wire.told.filter((text) => text.length > 5_000).length }).toEqual({
      index,
      whole: 2,
    });
    expect(b.roster('room')).toEqual(a.roster('room'));
    expect(stored('n0')?.journal).toBe('');
  }
});

test('a delta that the node has not sent is believed until it denies it, by its whole list', async () => {
  const { cluster, a, b, channel, stored } = await crowded();
  const list = stored('n0');
  const base = list === undefined ? 0 : storedVersion(list);
  const forged = { node: 'n0', version: base + 1, base, changed: new Map([['ghost', 1]]), left: CROWD };
  cluster.redis.publish(channel, encodeDelta(forged));
  await cluster.pass(SECOND);
  expect(b.roster('room')).toEqual(a.roster('room'));
  expect(b.roster('room')).toHaveLength(501);
});

test.each([
  ['as old as can be', 0, 0],
  ['newer than all', 1, 0],
  ['newer than all, and patient', 1, 500],
])(
  'a goodbye that the node has not said, %s, sends nobody away in its other rooms',
  async (_, more, grace) => {
    const { cluster, a, b, channel, stored } = await crowded();
    a.join('another', 'anna');
    b.join('another', 'ben');
    await cluster.pass(SECOND);
    const list = stored('n0');
    const version = more === 0 || list === undefined ? 0 : storedVersion(list) + 100;
    const streams = new Map([['ghost', 1]]);
    cluster.redis.publish(channel, encodeMessage({ node: 'n0', version, streams, grace }, 2));
    for (let passed = 0; passed < 8 * SECOND; passed += 10) {
      await cluster.pass(10);
      expect(b.roster('another')).toEqual(['anna', 'ben']);
    }
    expect(b.roster('room')).toEqual(a.roster('room'));
  },
);

test('where a node does not know deltas, lists are whole; when it has gone, they are told by deltas again', async () => {
  const { cluster, a, b, wire, stored } = await crowded();
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  expect(stored('n0')?.journal).not.toBe('');
  const old = cluster.newNode({ formats: { oldest: 1, newest: 2 } });
  await cluster.pass(3 * SECOND);
  expect(stored('n0')).toMatchObject({ text: expect.stringMatching(/^\[2,/), journal: '' });
  old.join('room', 'otto');
  await cluster.pass(SECOND);
  a.join('room', 'arno');
  await cluster.pass(SECOND);
  expect(old.roster('room')).toEqual(a.roster('room'));
  void old.backplane.stop();
  await cluster.pass(13 * SECOND);
  wire.told = [];
  a.join('room', 'ada');
  await cluster.pass(SECOND);
  expect(wire.told.every((text) => text.length < 120)).toBe(true);
  expect(b.roster('room')).toEqual(a.roster('room'));
  expect(a.roster('room')).not.toContain('otto');
});

test('a room that is given up leaves no journal behind', async () => {
  const { cluster, a, stored } = await crowded({ sizes: { deltaFrom: 0, leastJournal: 10_000 } });
  for (const name of CROWD) a.leave('room', name);
  a.join('room', 'anna', 'arno');
  await cluster.pass(SECOND);
  a.leave('room', 'anna');
  await cluster.pass(SECOND);
  expect(stored('n0')?.journal).not.toBe('');
  a.leave('room', 'arno');
  await cluster.pass(SECOND);
  expect(stored('n0')).toMatchObject({ text: expect.stringMatching(/^\[1,"n0",\d+,\[\]\]$/), journal: '' });
});
