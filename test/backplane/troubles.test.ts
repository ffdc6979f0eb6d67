/** What may be wrong with Redis and in it, over the simulated one: each trouble stays where it is, and is told. */
import { encodeMessage } from '../../src/backplane/message';
import { SimulatedCluster } from '../helpers/simulated-cluster';

const SECOND = 1_000;
const MOST = Number.MAX_SAFE_INTEGER;

/** Two nodes that are live. */
async function twoNodes() {
  const cluster = new SimulatedCluster();
  const [a, b] = [cluster.newNode(), cluster.newNode()];
  await cluster.pass(SECOND);
  return { cluster, a, b, ...cluster.keys.room('room'), other: cluster.keys.room('other') };
}

const states = (...nodes: { backplane: { status(): { state: string } } }[]) =>
  nodes.map(({ backplane }) => backplane.status().state);

describe('a key that another program uses', () => {
  test('sets its room aside: the log names it and what to do, once, and the others go on', async () => {
    const { cluster, a, b, hash, other } = await twoNodes();
    cluster.redis.setText(hash, 'x');
    a.join('room', 'anna');
    await cluster.pass(20 * SECOND);
    expect(a.lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        message: 'a room is not shared with the other nodes: retrying',
        facts: {
          key: hash,
          why: expect.stringMatching(/^WRONGTYPE/),
          remedy: expect.stringMatching(/delete it/),
        },
      },
    ]);
    a.join('other', 'cleo');
    await cluster.pass(SECOND);
    b.join('other', 'dora');
    await cluster.pass(SECOND);
    expect(b.roster('other')).toEqual(['cleo', 'dora']);
    expect(cluster.redis.typeOf(other.hash)).toBe('hash');
    expect(states(a, b)).toEqual(['live', 'live']);
    expect(a.backplane.knows('room')).toBe(true);
  });

  test('is tried again, and the room is shared when the key is gone', async () => {
    const { cluster, a, b, hash } = await twoNodes();
    cluster.redis.setText(hash, 'x');
    a.join('room', 'anna');
    b.join('room', 'ben');
    await cluster.pass(3 * SECOND);
    expect(a.roster('room')).toEqual(['anna']);
    cluster.redis.deleteKey(hash);
    await cluster.pass(6 * SECOND);
    expect(a.roster('room')).toEqual(b.roster('room'));
    expect(new Set(a.roster('room'))).toEqual(new Set(['anna', 'ben']));
    expect(a.lines.at(-1)?.message).toBe('the room is shared with the other nodes again');
  });

  test('found by a later list does the same, and so where the room is only kept', async () => {
    const { cluster, a, b, hash } = await twoNodes();
    a.join('room', 'anna');
    await cluster.pass(SECOND);
    cluster.redis.setText(hash, 'x');
    a.join('room', 'arno');
    await cluster.pass(500);
    expect(a.lines.at(-1)).toMatchObject({ level: 'error', facts: { key: hash } });
    await cluster.pass(40 * SECOND);
    cluster.redis.deleteKey(hash);
    b.join('room', 'ben');
    await cluster.pass(6 * SECOND);
    expect(b.roster('room')).toEqual(a.roster('room'));
    expect(new Set(a.roster('room'))).toEqual(new Set(['anna', 'arno', 'ben']));
    expect(states(a, b)).toEqual(['live', 'live']);
  });

  test('in a room that a node has just given up harms nothing when the link comes back', async () => {
    const { cluster, a, b, hash } = await twoNodes();
    a.join('room', 'anna');
    await cluster.pass(SECOND);
    a.leave('room', 'anna');
    await cluster.pass(6 * SECOND);
    cluster.redis.setText(hash, 'x');
    cluster.network.cut();
    await cluster.pass(3 * SECOND);
    expect(states(a, b)).toEqual(['live', 'live']);
    expect(a.backplane.status().counts.lost).toBe(1);
  });

  test('and that all nodes need, is an error that names it', async () => {
    const { cluster, a } = await twoNodes();
    const { living } = cluster.keys.nodes();
    cluster.redis.setText(living, 'x');
    await cluster.pass(3 * SECOND);
    expect(a.backplane.status()).toMatchObject({ state: 'degraded' });
    expect(a.backplane.status().why).toContain(living);
    expect(a.backplane.status().why).toMatch(/delete it/);
    cluster.redis.deleteKey(living);
    await cluster.pass(3 * SECOND);
    expect(states(a)).toEqual(['live']);
  });
});

test('a key of the digests that another program uses costs reads, not the link: messages that are lost are found all the same', async () => {
  const cluster = new SimulatedCluster();
  const way = { loses: false };
  const deaf = cluster.newNode({
    wrap: (connect) => (onMessage, stop) =>
      connect((channel, text) => {
        if (!way.loses) onMessage(channel, text);
      }, stop),
  });
  const other = cluster.newNode();
  deaf.join('room', 'anna');
  other.join('room', 'ben');
  await cluster.pass(5 * SECOND);
  const { digests } = cluster.keys.nodes();
  cluster.redis.setText(digests, 'x');
  await cluster.pass(25 * SECOND);
  expect(deaf.backplane.status()).toMatchObject({
    state: 'degraded',
    why: expect.stringContaining(digests),
    counts: { lost: 0 },
  });
  way.loses = true;
  other.join('room', 'cleo');
  await cluster.pass(35 * SECOND);
  expect(deaf.roster('room')).toContain('cleo');
  cluster.redis.deleteKey(digests);
  await cluster.pass(11 * SECOND);
  expect(states(deaf, other)).toEqual(['live', 'live']);
  expect(deaf.lines.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({
      facts: expect.objectContaining({ concern: 'digests', remedy: expect.stringMatching(/delete it/) }),
    }),
  ]);
});

describe('a message that no node has sent', () => {
  test('in the name of nobody is not believed: who lives is asked first', async () => {
    const { cluster, a, channel } = await twoNodes();
    a.join('room', 'anna');
    await cluster.pass(SECOND);
    const message = { node: 'nobody', version: 1, streams: new Map([['ghost', 1]]) };
    cluster.redis.publish(channel, encodeMessage(message, 2));
    for (let look = 0; look < 100; look++) {
      await cluster.pass(10);
      expect(a.roster('room')).toEqual(['anna']);
    }
    expect(a.backplane.status().counts.ignored).toBe(1);
  });

  test.each([
    ['version', MOST, 1],
    ['stamp', 1, MOST],
  ])('with a %s that cannot be is ignored, and moves no clock', async (_what, version, stamp) => {
    const { cluster, a, b, channel } = await twoNodes();
    a.join('room', 'anna');
    await cluster.pass(SECOND);
    cluster.redis.publish(
      channel,
      encodeMessage({ node: 'n1', version, streams: new Map([['ghost', stamp]]) }, 2),
    );
    await cluster.pass(SECOND);
    expect(a.backplane.status().counts.ignored).toBe(1);
    b.join('room', 'ben');
    a.join('room', 'cleo');
    await cluster.pass(SECOND);
    expect(b.roster('room')).toEqual(a.roster('room'));
    expect(a.roster('room')).toHaveLength(3);
  });

  test('in the name of a node that is in the room is denied by that node', async () => {
    const { cluster, a, b, channel } = await twoNodes();
    a.join('room', 'anna');
    b.join('room', 'ben');
    await cluster.pass(SECOND);
    cluster.redis.publish(
      channel,
      encodeMessage({ node: 'n1', version: 5_000, streams: new Map([['ghost', 1]]) }, 2),
    );
    await cluster.pass(SECOND);
    expect(new Set(a.roster('room'))).toEqual(new Set(['anna', 'ben']));
    b.join('other', 'bella');
    a.join('other', 'arno');
    await cluster.pass(SECOND);
    expect(new Set(a.roster('other'))).toEqual(new Set(['arno', 'bella']));
  });
});

describe('a node that is live is degraded all the same', () => {
  test('where Redis evicts keys, also where somebody lets it later; the log says what to do, and when it is over', async () => {
    const { cluster, a } = await twoNodes();
    expect(states(a)).toEqual(['live']);
    cluster.redis.policy = 'allkeys-lru';
    await cluster.pass(31 * SECOND);
    expect(a.backplane.status()).toMatchObject({
      state: 'degraded',
      why: expect.stringMatching(/allkeys-lru.*noeviction/),
    });
    const late = cluster.newNode();
    await cluster.pass(SECOND);
    expect(states(late)).toEqual(['degraded']);
    late.join('room', 'anna');
    a.join('room', 'ben');
    await cluster.pass(SECOND);
    expect(a.roster('room')).toEqual(['anna', 'ben']);
    cluster.redis.policy = 'noeviction';
    await cluster.pass(31 * SECOND);
    expect(states(a, late)).toEqual(['live', 'live']);
    expect(a.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'info: rooms are shared with the other nodes',
      'error: rooms may be shared incompletely',
      'info: rooms are shared completely again',
    ]);
  });

  test('where a living node speaks a format that it does not, until that one is gone', async () => {
    const { cluster, a } = await twoNodes();
    const future = cluster.newNode({ formats: { oldest: 7, newest: 9 } });
    await cluster.pass(3 * SECOND);
    expect(a.backplane.status()).toMatchObject({
      state: 'degraded',
      why: expect.stringMatching(/n2 on .*version/),
    });
    expect(states(future)).toEqual(['degraded']);
    void future.backplane.stop();
    await cluster.pass(10 * SECOND);
    expect(states(a)).toEqual(['live']);
  });
});

test('a node whose facts nobody understands is one of the future; one that has none yet is no reason to worry', async () => {
  const { cluster, a } = await twoNodes();
  const { living, facts } = cluster.keys.nodes();
  cluster.redis.addToSet(living, 'new', cluster.redis.now() + 5 * SECOND);
  await cluster.pass(3 * SECOND);
  expect(states(a)).toEqual(['live']);
  cluster.redis.addToSet(living, 'new', cluster.redis.now() + 5 * SECOND);
  cluster.redis.setField(facts, 'new', '[9,"?"]');
  await cluster.pass(3 * SECOND);
  expect(a.backplane.status()).toMatchObject({ state: 'degraded', why: expect.stringContaining('node new') });
});

test('nodes write the newest format that all of them speak, and tell their version', async () => {
  const { cluster, a, hash } = await twoNodes();
  const formatOf = (node: string) => Number(cluster.redis.getField(hash, node)?.charAt(1));
  a.join('room', 'anna');
  await cluster.pass(3 * SECOND);
  expect(formatOf('n0')).toBe(3);
  const old = cluster.newNode({ formats: { oldest: 1, newest: 1 } });
  await cluster.pass(3 * SECOND);
  old.join('room', 'otto');
  await cluster.pass(SECOND);
  expect([formatOf('n0'), formatOf('n2')]).toEqual([1, 1]);
  expect(old.roster('room')).toEqual(['anna', 'otto']);
  void old.backplane.stop();
  await cluster.pass(13 * SECOND);
  a.join('room', 'cleo');
  await cluster.pass(SECOND);
  expect(formatOf('n0')).toBe(3);
  expect(a.backplane.status().nodes.map(({ version }) => version)).toEqual(['0.1.0', '0.1.0']);
});
