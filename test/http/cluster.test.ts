/** The API of two nodes behind a balancer: whichever of them answers, it speaks for both. */
import { once } from 'node:events';
import { hostname } from 'node:os';
import { WebSocket } from 'ws';
import type { HostOptions } from '../../src/host';
import type { Happening, MemberPage, Removed, Totals } from '../../src/http/shapes';
import { Cluster, type LocalNode, type NodeProcess } from '../helpers/cluster';
import { readEvents } from '../helpers/events';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';
import { describeWithRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming } from '../helpers/timing';

interface Member {
  readonly id: string;
  readonly streamName: string;
  readonly node: string;
}

describeWithRedis('two nodes', (program) => {
  let redis: RedisServer;
  let cluster: Cluster;
  let run = 0;
  const frozen: NodeProcess[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  afterAll(() => redis.stop());

  beforeEach(() => {
    cluster = new Cluster(redis.url, { ...quickTiming, expiry: 10_000 });
    run++;
  });

  afterEach(async () => {
    for (const { child } of frozen.splice(0)) child.kill('SIGCONT');
    await cluster.close();
  });

  const knows = async ({ host }: LocalNode, nodes: number) => {
    while (host.backplaneStatus.nodes.length !== nodes)
      await new Promise((resolve) => setTimeout(resolve, 5));
  };

  /** The questions have a link of their own, which may be later. */
  const hears = async (node: LocalNode) => {
    const missing = async () => ((await ask(portOf(node), '/api/totals')).json as Totals).missing.length;
    while ((await missing()) > 0);
  };

  /** Two nodes that know and hear each other, asked in turns. */
  async function start(options: HostOptions = {}) {
    const shared = { redisPrefix: `run-${run}`, adminToken: ADMIN_TOKEN, ...options };
    const one = await cluster.newNode(shared);
    const two = await cluster.newNode(shared);
    await Promise.all([knows(one, 2), knows(two, 2)]);
    await Promise.all([hears(one), hears(two)]);
    let turn = 0;
    const balanced = (target: string, method = 'GET') =>
      ask(portOf(turn++ % 2 === 0 ? one : two), target, { method });
    return { one, two, balanced };
  }

  /** alice and ann are on the first node, bob on the second. */
  async function startWithRoom(options?: HostOptions) {
    const nodes = await start(options);
    const alice = await cluster.join(nodes.one, 'red5', 'alice');
    const bob = await cluster.join(nodes.two, 'red5', 'bob');
    const ann = await cluster.join(nodes.one, 'red5', 'ann');
    await cluster.agree();
    return { ...nodes, alice, bob, ann };
  }

  const membersOf = async (balanced: (target: string) => Promise<{ json: unknown }>, query = '') =>
    ((await balanced(`/api/rooms/red5/members${query}`)).json as { members: Member[] }).members;

  test('remove the member that was meant, whoever is asked', async () => {
    const { balanced, alice, bob, ann } = await startWithRoom();
    const listed = await membersOf(balanced);
    expect(listed.map(({ streamName }) => streamName).sort()).toEqual(['alice', 'ann', 'bob']);
    expect(new Set(listed.map(({ id }) => id)).size).toBe(3);
    const closed = alice.closed();
    const id = listed.find(({ streamName }) => streamName === 'alice')?.id;
    const { json } = await balanced(`/api/members/${id}`, 'DELETE');
    expect(json).toMatchObject({ removed: 1, members: [{ id, streamName: 'alice', room: 'red5' }] });
    expect(await closed).toBe(4403);
    await cluster.leave(alice);
    await cluster.agree();
    expect([bob.streams.length, ann.streams.length]).toEqual([2, 2]);
  });

  test('remove everybody of a room from both', async () => {
    const { balanced, alice, bob, ann } = await startWithRoom();
    const closed = Promise.all([alice, bob, ann].map((watcher) => watcher.closed()));
    const { json } = await balanced('/api/rooms/red5', 'DELETE');
    expect(json).toMatchObject({ removed: 3, missing: [] });
    expect(await closed).toEqual([4403, 4403, 4403]);
    expect((await balanced('/api/rooms/red5')).status).toBe(404);
  });

  test('remove all members of one stream from both, and nobody else', async () => {
    const { two, balanced, alice, ann } = await startWithRoom();
    const again = await cluster.join(two, 'red5', 'alice');
    const closed = Promise.all([alice, again].map((watcher) => watcher.closed()));
    const { json } = await balanced('/api/stream?room=red5&streamName=alice', 'DELETE');
    expect(json).toMatchObject({ removed: 2, missing: [] });
    expect(await closed).toEqual([4403, 4403]);
    await Promise.all([cluster.leave(alice), cluster.leave(again)]);
    await cluster.agree();
    expect([...ann.streams].sort()).toEqual(['ann', 'bob']);
  });

  test('list the same rooms, with the figures of both', async () => {
    const { one, two, balanced } = await startWithRoom();
    await cluster.join(two, 'only here', 'carla');
    await cluster.join(one, 'also', 'dora');
    const pages = [];
    for (let n = 0; n < 4; n++) pages.push((await balanced('/api/rooms')).json);
    for (const page of pages) expect(page).toEqual(pages[0]);
    expect(pages[0]).toMatchObject({
      total: 3,
      missing: [],
      rooms: [
        { room: 'also', members: 1, streams: 1, nodes: 1 },
        { room: 'only here', members: 1, streams: 1, nodes: 1 },
        { room: 'red5', members: 3, streams: 3, nodes: 2 },
      ],
    });
  });

  test('show a room, though the one that is asked has nobody in it', async () => {
    const { one, two } = await start();
    await cluster.join(one, 'room', 'anna');
    const { json } = await ask(portOf(two), '/api/rooms/room');
    expect(json).toMatchObject({ room: 'room', streams: ['anna'], members: { total: 1 } });
    expect((await ask(portOf(two), '/api/totals')).json).toMatchObject({ rooms: 1, streams: 1, members: 1 });
  });

  test('tell of what happens on both, in one feed', async () => {
    const { one, two } = await start();
    const events = await readEvents(portOf(two), '/api/events');
    await events.next('figures');
    await cluster.join(one, 'room', 'anna');
    await cluster.join(two, 'room', 'ben');
    const seen: Happening[] = [];
    while (seen.length < 2) seen.push(...(await events.next('feed')).happenings);
    const names = seen.map(({ streamName }) => streamName).sort();
    expect(names).toEqual(['anna', 'ben']);
    expect(new Set(seen.map(({ node }) => node)).size).toBe(2);
    const { cluster: totals } = await events.next('figures');
    expect(totals.nodes.map(({ members }) => members)).toEqual([1, 1]);
    await events.close();
  });

  test('hold a room to its size together, and let in who comes back on the other', async () => {
    const { one, two } = await start({ maxRoomSize: 3 });
    await cluster.join(one, 'room', 'anna');
    await cluster.join(two, 'room', 'ben');
    await cluster.join(two, 'room', 'carla');
    await cluster.agree();
    const tooMany = new WebSocket(`${one.url}${joinTarget('room', 'dora')}`);
    expect((await once(tooMany, 'close'))[0]).toBe(4429);
    const back = await cluster.join(one, 'room', 'ben');
    await back.until(...one.host.roster('room'));
    const { json } = await ask(portOf(one), '/api/totals');
    expect(json).toMatchObject({
      limits: expect.arrayContaining([{ name: 'MAX_ROOM_SIZE', used: 3, most: 3, unit: 'sockets' }]),
    });
  });

  describe('of which one hangs', () => {
    async function startHanging() {
      const shared = { redisPrefix: `run-${run}`, adminToken: ADMIN_TOKEN };
      const hanging = await cluster.newProcess(shared);
      const one = await cluster.newNode(shared);
      await knows(one, 2);
      await cluster.join(one, 'here', 'anna');
      await cluster.join(hanging, 'here', 'ben');
      await cluster.join(hanging, 'there', 'carla');
      await cluster.agree();
      const list = await ask(portOf(one), '/api/members');
      frozen.push(hanging);
      hanging.child.kill('SIGSTOP');
      return { one, list: list.json as MemberPage };
    }

    test('what the other has is told, and what is missing since when', async () => {
      const { one, list } = await startHanging();
      const [stuck] = list.members.filter(({ room }) => room === 'there');
      const missing = [{ node: stuck?.node, machine: hostname(), since: expect.any(Number) }];
      const get = async (target: string, method = 'GET') => (await ask(portOf(one), target, { method })).json;
      expect(list).toMatchObject({ total: 3, missing: [] });
      const unreachable = { error: 'node_unreachable' };
      const lost = expect.objectContaining({ id: stuck?.node, missing: true, since: expect.any(Number) });
      const cases: [string, string, object][] = [
        ['GET', '/api/rooms', { total: 1, rooms: [{ room: 'here', members: 1 }], missing }],
        ['GET', '/api/rooms/here', { members: { total: 1 }, missing }],
        ['GET', '/api/members', { total: 1, missing }],
        ['GET', '/api/totals', { missing }],
        ['GET', '/api/rooms/there', unreachable],
        ['DELETE', `/api/members/${stuck?.id}`, unreachable],
        ['DELETE', '/api/rooms/there', unreachable],
      ];
      const answers = await Promise.all(cases.map(([method, target]) => get(target, method)));
      for (const [index, [, , wanted]] of cases.entries()) expect(answers[index]).toMatchObject(wanted);
      expect((answers[3] as Totals).nodes).toContainEqual(lost);
      const anna = list.members.find(({ streamName }) => streamName === 'anna');
      await cluster.join(one, 'here', 'dora');
      const banned = await get(`/api/members/${anna?.id}?ban=60`, 'DELETE');
      expect(banned).toMatchObject({ removed: 1, ban: expect.any(String), missing });
      const removed = (await get('/api/rooms/here', 'DELETE')) as Removed;
      expect(removed).toMatchObject({ removed: 1, missing });
      expect(removed.missing[0]?.since).toBeLessThanOrEqual(Date.now());
    });
  });
});

function portOf({ host }: LocalNode): number {
  return host.address.port;
}
