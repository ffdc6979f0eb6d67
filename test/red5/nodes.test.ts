/** Several nodes that tell each other news: what one of them hears or asks is good for all. */
import type { News } from '../../src/conference/backplane';
import type { HostOptions } from '../../src/host';
import { joinTarget, startHost } from '../helpers/host';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { ManualClock } from '../helpers/manual-clock';
import { describeWith } from '../helpers/programs';
import { postHint, Red5 } from '../helpers/red5';
import { pass, type Red5Host, startRed5Host } from '../helpers/red5-host';
import { RedisServer } from '../helpers/redis';

/** Carries news between the nodes of a test at once. */
class NewsBus {
  readonly #listeners = new Set<(text: string) => void>();

  newNode(): News {
    let own: (text: string) => void = () => {};
    return {
      tell: (text) => {
        for (const listener of this.#listeners) if (listener !== own) listener(text);
      },
      onNews: (listener) => {
        own = listener;
        this.#listeners.add(listener);
      },
      stop: () => this.#listeners.delete(own),
    };
  }
}

async function startNodes(how: 'standalone' | 'streamManager', count: number, more: HostOptions = {}) {
  const red5 = await Red5.start();
  const clock = new ManualClock();
  const bus = new NewsBus();
  const nodes: Red5Host[] = [];
  while (nodes.length < count) {
    const settings = { ...red5[how], roster: 'both' as const, ...more };
    nodes.push(await startRed5Host(settings, { clock, news: bus.newNode() }));
  }
  return { red5, clock, nodes };
}

const [A, B, C] = [0, 1, 2];

describe.each(['standalone', 'streamManager'] as const)('with a server asked as %s', (how) => {
  test('a hint that lands on any node works on all, also on one without that room', async () => {
    const { red5, clock, nodes } = await startNodes(how, 3);
    const anna = nodes[A]?.join('red5', 'anna');
    const ben = nodes[B]?.join('red5', 'ben');
    await anna?.until('anna');
    await ben?.until('ben');
    red5.publish('live/red5/obs');
    await nodes[C]?.published('live/red5/obs');
    await anna?.until('anna', 'obs');
    await ben?.until('ben', 'obs');
    red5.unpublish('live/red5/obs');
    await nodes[C]?.unpublished('live/red5/obs');
    await pass(clock, red5, 4);
    await ben?.until('ben');
  });

  test('the server is asked about a room once, not once a node, and one that goes leaves nothing unasked', async () => {
    const { red5, clock, nodes } = await startNodes(how, 3);
    const clients = nodes.map((node, index) => node.join('red5', `member ${index}`));
    for (const [index, client] of clients.entries()) await client.until(`member ${index}`);
    await pass(clock, red5, 10);
    const before = red5.asked;
    await pass(clock, red5, 100);
    expect(red5.asked - before).toBeGreaterThanOrEqual(18);
    // Each on its own, they would ask three times as often.
    expect(red5.asked - before).toBeLessThan(30);
    await nodes[A]?.host.closeNow();
    red5.publish('live/red5/obs');
    await pass(clock, red5, 7);
    expect(nodes[B]?.host.roster('red5')).toEqual(['obs']);
    expect(nodes[C]?.host.roster('red5')).toEqual(['obs']);
  });
});

describe.each(['standalone', 'streamManager'] as const)(
  'with a server asked as %s, and three nodes',
  (how) => {
    async function startThree() {
      const { red5, clock, nodes } = await startNodes(how, 3);
      red5.publish('live/red5/obs', 'live/red5/cam');
      for (const node of nodes) await node.join('red5', 'anna').until('anna', 'obs', 'cam');
      await pass(clock, red5, 20);
      return { red5, clock, nodes, before: red5.asked };
    }

    test('the end of a stream is looked at by one of them, with a hint', async () => {
      const { red5, clock, nodes, before } = await startThree();
      red5.unpublish('live/red5/obs');
      await nodes[A]?.unpublished('live/red5/obs');
      await pass(clock, red5, 4);
      for (const { host } of nodes) expect(host.roster('red5')).not.toContain('obs');
      // At once, when the grace is over, and the regular one.
      expect(red5.asked - before).toBeLessThanOrEqual(3);
    });

    test('and without one', async () => {
      const { red5, clock, nodes, before } = await startThree();
      red5.unpublish('live/red5/obs');
      await pass(clock, red5, 7);
      for (const { host } of nodes) expect(host.roster('red5')).not.toContain('obs');
      expect(red5.asked - before).toBeLessThanOrEqual(3);
    });
  },
);

test('a room that the server has forgotten is so on a node as well that never knew it', async () => {
  const { red5, clock, nodes } = await startNodes('standalone', 2);
  red5.publish('live/red5/anna');
  const anna = nodes[A]?.join('red5', 'anna');
  await anna?.until('anna');
  await pass(clock, red5, 1);
  red5.unpublish('live/red5/anna');
  await pass(clock, red5, 7);
  await anna?.until();
  const ben = nodes[B]?.join('red5', 'ben');
  await pass(clock, red5, 25);
  await ben?.until();
});

test('whom an operator removes is gone at once on all nodes', async () => {
  const { red5, clock, nodes } = await startNodes('standalone', 2, { adminToken: ADMIN_TOKEN });
  red5.publish('live/red5/obs');
  const anna = nodes[A]?.join('red5', 'anna');
  const ben = nodes[B]?.join('red5', 'ben');
  await anna?.until('anna', 'obs');
  await ben?.until('ben', 'obs');
  await pass(clock, red5, 1);
  await ask(nodes[A]?.port ?? 0, '/api/stream?room=red5&streamName=obs', { method: 'DELETE' });
  await anna?.until('anna');
  await ben?.until('ben');
});

test('all nodes list a room in the order of the one that asks', async () => {
  const { red5, clock, nodes } = await startNodes('standalone', 2);
  const anna = nodes[A]?.join('red5', 'anna');
  await anna?.until('anna');
  await pass(clock, red5, 1);
  red5.publish('live/red5/anna', 'live/red5/obs');
  await nodes[A]?.published('live/red5/obs');
  await anna?.until('anna', 'obs');
  const ben = nodes[B]?.join('red5', 'ben');
  red5.publish('live/red5/ben');
  await ben?.until('ben');
  await pass(clock, red5, 14);
  expect(nodes[B]?.host.roster('red5')).toEqual(nodes[A]?.host.roster('red5'));
});

test.each(['{', '[]', '{"kind":"answer"}', '{"kind":"hint","room":"red5"}', '{"kind":"other"}'])(
  'news that nobody understands change nothing: %s',
  async (text) => {
    const red5 = await Red5.start();
    let tell: (text: string) => void = () => {};
    const news: News = {
      tell: () => {},
      onNews: (listener) => {
        tell = listener;
      },
      stop: () => {},
    };
    const { join } = await startRed5Host({ ...red5.standalone, roster: 'both' }, { news });
    const anna = join('red5', 'anna');
    await anna.until('anna');
    tell(text);
    await join('red5', 'ben').until('anna', 'ben');
  },
);

describeWith('redis-server', 'over Redis', (program) => {
  test('a hint that lands on one node works on another, and members of both are in one roster', async () => {
    const redis = await RedisServer.start(program);
    const red5 = await Red5.start();
    const settings = { ...red5.standalone, roster: 'both' as const, redisUrl: redis.url };
    const [a, b] = [await startHost(settings), await startHost(settings)];
    const anna = a.open(joinTarget('red5', 'anna'));
    await anna.until('anna');
    await b.open(joinTarget('red5', 'ben')).until('anna', 'ben');
    await anna.until('anna', 'ben');
    // Where the news are not connected yet, the next question puts right what this hint does not tell anna's node.
    red5.publish('live/red5/obs');
    await postHint(b.port, 'stream-published', 'live/red5/obs');
    await anna.until('anna', 'ben', 'obs');
    await Promise.all([a.host.closeNow(), b.host.closeNow()]);
    await redis.kill();
  });
});
