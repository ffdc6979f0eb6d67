/** An operator's orders on several nodes that share a real Redis: through the death of nodes and of Redis. */
import type { HostOptions } from '../../src/host';
import { AskingClient } from '../helpers/asking-client';
import { TestClient } from '../helpers/client';
import { Cluster, type ClusterNode } from '../helpers/cluster';
import { ADMIN_TOKEN } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';
import { order } from '../helpers/orders';
import { describeWithRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming } from '../helpers/timing';

const LOCKED = { code: 4423, reason: 'the room is locked: nobody new may join' };

const send = ({ url }: ClusterNode, method: string, path: string, body?: unknown) =>
  order(Number(new URL(url).port), method, path, body);

/** @returns `in`, or how the client was closed */
async function tryToJoin({ url }: ClusterNode, name: string, room = 'red5') {
  const client = new TestClient(`${url}${joinTarget(room, name)}`);
  const outcome = await Promise.race([client.next().then(() => 'in' as const), client.closed]);
  client.ws.terminate();
  return outcome;
}

/** Tries until it comes out so. */
async function until<T>(look: () => Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (isIt(seen)) return seen;
  }
}

describeWithRedis('policies', (program) => {
  let redis: RedisServer;
  let cluster: Cluster;
  let run = 0;

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  afterAll(() => redis.stop());

  beforeEach(() => {
    cluster = new Cluster(redis.url, { ...quickTiming, expiry: 10_000 });
    run++;
  });

  afterEach(() => cluster.close());

  const start = (more: HostOptions = {}) =>
    cluster.newNode({ redisPrefix: `policies-${run}`, adminToken: ADMIN_TOKEN, ...more });

  const holds = (node: ClusterNode, rule: string) =>
    until(
      () => send(node, 'GET', '/rooms/red5/policy'),
      ({ json }) => json[rule] !== undefined,
    );

  test('what one node is told counts on the others, and on those that come when it is dead', async () => {
    const shared = { redisPrefix: `policies-${run}`, adminToken: ADMIN_TOKEN };
    const [one, two] = await Promise.all([cluster.newProcess(shared), start()]);
    const anna = await cluster.join(two, 'red5', 'anna');
    await until(
      () => send(one, 'PUT', '/rooms/red5/policy', { locked: true, maxSize: 9 }),
      ({ json }) => json.heldBy === 'redis',
    );
    await holds(two, 'locked');
    expect(await tryToJoin(two, 'ben')).toEqual(LOCKED);
    expect(await tryToJoin(one, 'ben')).toEqual(LOCKED);
    expect(await tryToJoin(one, 'anna')).toBe('in');
    await cluster.kill(one);
    await cluster.leave(anna);
    const three = await start();
    await two.close();
    expect(await tryToJoin(three, 'ben')).toEqual(LOCKED);
    expect(await tryToJoin(three, 'anna')).toBe('in');
    await send(three, 'DELETE', '/rooms/red5/policy');
    expect(await tryToJoin(three, 'ben')).toBe('in');
  });

  test('a ban closes members on all nodes, and says how many', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const [here, there] = await Promise.all([
      cluster.join(one, 'red5', 'anna'),
      cluster.join(two, 'other', 'anna'),
    ]);
    await until(
      () => send(one, 'GET', '/totals'),
      ({ json }) => json.members === 2 && json.missing.length === 0,
    );
    const gone = Promise.all([here.closed(), there.closed()]);
    const { json } = await send(one, 'POST', '/bans', { name: 'anna', reason: 'enough' });
    expect(json).toMatchObject({ removed: 2, missing: [], heldBy: 'redis' });
    expect(await gone).toEqual([4403, 4403]);
    expect(await tryToJoin(two, 'anna')).toEqual({ code: 4403, reason: 'enough' });
    expect(await tryToJoin(one, 'carl')).toBe('in');
  });

  test('whoever is on a node that has only just started is found at once', async () => {
    cluster = new Cluster(redis.url, { ...quickTiming, refresh: 600_000, expiry: 3_600_000 });
    const one = await start();
    const two = await start();
    const [anna, ben] = await Promise.all([
      cluster.join(two, 'red5', 'anna'),
      cluster.join(two, 'other', 'ben'),
    ]);
    const gone = Promise.all([anna.closed(), ben.closed()]);
    const { json } = await send(one, 'POST', '/bans', { name: 'anna' });
    expect(json).toMatchObject({ removed: 1, missing: [] });
    expect((await send(one, 'DELETE', '/rooms/other')).json).toMatchObject({ removed: 1, missing: [] });
    expect(await gone).toEqual([4403, 4403]);
    const three = await start();
    const carl = await cluster.join(three, 'red5', 'carl');
    const [member] = (await send(three, 'GET', '/members?search=carl')).json.members as unknown as {
      id: string;
    }[];
    expect((await send(one, 'DELETE', `/members/${member?.id}`)).json).toMatchObject({ removed: 1 });
    expect(await carl.closed()).toBe(4403);
  });

  test('a message reaches members on all nodes', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const here = new AskingClient(`${one.url}${joinTarget('red5', 'anna')}`);
    await here.untilListed('anna');
    const there = new AskingClient(`${two.url}${joinTarget('red5', 'ben')}`);
    // Whose place is first depends on which node has read the room first.
    for (const client of [here, there]) while (client.streams.length < 2) await client.frame();
    await until(
      () => send(one, 'GET', '/totals'),
      ({ json }) => json.members === 2 && json.missing.length === 0,
    );
    const { json } = await send(one, 'POST', '/rooms/red5/message', { message: 'hello' });
    expect(json).toEqual({ receivers: 2, missing: [] });
    for (const client of [here, there]) {
      expect((await client.frameOf('message')).message).toBe('hello');
      client.ws.terminate();
    }
  });

  test('what a foreign program leaves in Redis harms nobody', async () => {
    const key = `policies-${run}:{policies}`;
    const future = Date.now() + 3_600_000;
    const foreign = (value: unknown) => JSON.stringify([1, Date.now(), future, future, value]);
    const junk = [
      ['locked:a', foreign('{"no')],
      ['names:a', foreign('[1]')],
      ['maxSize:a', foreign('"9"')],
      ['ban:x', foreign('null')],
      ['ban:y', foreign('{"by":"address","value":"nonsense"}')],
      ['ban:z', foreign('{"by":"name","value":"anna","room":7}')],
      ['guests:', foreign('[]')],
      ['guests:n:red5', foreign('[[7],{"x":"y"}]')],
      ['', foreign('x')],
      ['locked:b', '[1,2]'],
      ['locked:c', 'x'],
      ['locked:d', JSON.stringify([1, future * 2, future, future, 'true'])],
    ].flat();
    await redis.command('HSET', `${key}:h`, ...junk);
    const one = await start();
    const rest = [
      '',
      'x',
      '[]',
      '[1,2]',
      '["locked:e","x"]',
      `["locked:red5",${JSON.stringify(foreign('true'))}]`,
    ];
    for (const message of rest) await redis.command('SPUBLISH', `${key}:c`, message);
    await holds(one, 'locked');
    for (const room of ['a', 'b', 'c', 'd']) expect(await tryToJoin(one, 'anna', room)).toBe('in');
    expect((await send(one, 'PUT', '/rooms/a/policy', { maxSize: 9 })).json.heldBy).toBe('redis');
  });

  test('while Redis is away an order counts on the node that has it, and on all when Redis is back, empty', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    await send(one, 'PUT', '/rooms/red5/policy', { maxSize: 1 });
    await holds(two, 'maxSize');
    const shown = async (node: ClusterNode) => (await send(node, 'GET', '/rooms/red5/policy')).json.heldBy;
    expect(await Promise.all([one, two].map(shown))).toEqual(['redis', 'redis']);
    await redis.kill();
    const { json } = await send(one, 'PATCH', '/rooms/red5/policy', { locked: true });
    expect(json).toMatchObject({ heldBy: 'node', locked: { value: true }, maxSize: { value: 1 } });
    expect(await tryToJoin(one, 'ben')).toEqual(LOCKED);
    expect(await shown(one)).toBe('node');
    await redis.start();
    await holds(two, 'locked');
    await until(
      () => shown(one),
      (heldBy) => heldBy === 'redis',
    );
    await Promise.all([one.close(), two.close()]);
    const three = await start();
    expect((await send(three, 'GET', '/rooms/red5/policy')).json).toMatchObject({
      locked: { value: true },
      maxSize: { value: 1 },
    });
  });
});
