import { setImmediate as nextTurn } from 'node:timers/promises';
import { Keys, slotOfRoom } from '../../src/backplane/keys';
import { redisNews } from '../../src/backplane/redis-news';
import { redisQuestions } from '../../src/backplane/redis-questions';
import { rangeOf } from '../../src/backplane/slots';
import { systemClock } from '../../src/clock';
import { silentLogger } from '../../src/logging/events';
import { describeWithRedis } from '../helpers/programs';
import type { RedisServer } from '../helpers/redis';
import { RedisCluster } from '../helpers/redis-cluster';
import { SharingNode } from '../helpers/sharing-node';

const ROOMS = Array.from({ length: 60 }, (_, index) => `room ${index}`);

/** What docs/cluster.md says to allow. */
const ALLOWED =
  '+@connection +eval +evalsha +info +time +zadd +zrem +zscore +zrange +zrangebyscore +hset +hget +hgetall +hdel +pexpire +spublish +ssubscribe +sunsubscribe +cluster|slots';

/** Which of the three primaries had a room's slot at first. */
function primaryOf(room: string): number {
  return [0, 1, 2].findIndex((index) => slotOfRoom(room) <= rangeOf(index, 3)[1]);
}

describeWithRedis('a Redis Cluster of three primaries', (program) => {
  let cluster: RedisCluster;
  const nodes: SharingNode[] = [];

  beforeAll(async () => {
    const user = ['host', 'on', '>p@ss', 'resetkeys', '~shards:*', 'resetchannels', '&shards:*'];
    cluster = await RedisCluster.start(program, 3, '--user', ...user, ...ALLOWED.split(' '));
  }, 20_000);

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(({ backplane }) => backplane.stop()));
  });

  afterAll(() => cluster.stop());

  const server = (index: number): RedisServer => {
    const found = cluster.primaries[index];
    if (found === undefined) throw new Error(`there is no primary ${index}`);
    return found;
  };

  const urlOf = (index: number) => server(index).url.replace('//', '//host:p%40ss@');

  async function newNode(redisUrl = urlOf(0)): Promise<SharingNode> {
    const node = await SharingNode.start(redisUrl);
    nodes.push(node);
    return node;
  }

  /** Two nodes with somebody in each room, who may not be missing from now on. */
  async function twoNodes(): Promise<[SharingNode, SharingNode]> {
    const [a, b] = [await newNode(), await newNode(`${urlOf(2)},${urlOf(1)}`)];
    for (const room of ROOMS) {
      a.join(room, 'anna');
      b.join(room, 'ben');
    }
    await agree(ROOMS, 'anna', 'ben');
    await Promise.all(nodes.map((node) => node.untilState('live')));
    for (const node of nodes) node.expect(ROOMS);
    return [a, b];
  }

  const agree = (rooms: readonly string[], ...names: string[]) =>
    Promise.all(
      nodes.map((node) => node.when(() => rooms.every((room) => sameNames(node.roster(room), names)))),
    );

  const missed = () => nodes.flatMap((node) => node.missed);

  test('and a database do not go together: the reason says so', async () => {
    const node = await newNode(`${urlOf(0)}/3`);
    const { why } = await node.untilState('degraded');
    expect(why).toMatch(/a Redis Cluster has no databases: take the number out of REDIS_URL/);
  });

  test('carries questions too, whichever primaries the nodes name', async () => {
    const settings = (redisUrl: string) => ({ redisUrl, redisPrefix: 'shards' });
    const a = redisQuestions(settings(urlOf(0)), 'a', systemClock, silentLogger);
    const b = redisQuestions(settings(`${urlOf(2)},${urlOf(1)}`), 'b', systemClock, silentLogger);
    await Promise.all([a, b].map((node) => node.start()));
    a.onQuestion(() => undefined);
    b.onQuestion((question) => `${question}!`);
    let answers: ReadonlyMap<string, string> = new Map();
    while (answers.size === 0) {
      await nextTurn();
      answers = await a.ask(['b'], 'yes?', 50);
    }
    expect(answers).toEqual(new Map([['b', 'yes?!']]));
    for (const node of [a, b]) node.stop();
  });

  test('carries news too, whichever primary has their slot', async () => {
    const [a, b] = [0, 1].map((index) => {
      const settings = { redisUrl: urlOf(index), redisPrefix: 'shards' };
      return redisNews(settings, systemClock, silentLogger);
    });
    const heard = new Promise((resolve) => a?.onNews(resolve));
    b?.onNews(() => {});
    const telling = setInterval(() => b?.tell('hello'), 50);
    expect(await heard).toBe('hello');
    clearInterval(telling);
    for (const news of [a, b]) news?.stop();
  });

  test('is found from one address: rooms go by slot, and the loss of one is felt by its rooms only', async () => {
    const [a, b] = await twoNodes();
    await server(1).kill();
    const status = await a.untilState('degraded');
    expect(status.why).toMatch(new RegExp(`^127.0.0.1:${server(1).port}: `));
    expect(status.why).not.toContain('p%40ss');
    for (const room of ROOMS) a.join(room, 'cleo');
    await agree(
      ROOMS.filter((room) => primaryOf(room) !== 1),
      ...['anna', 'ben', 'cleo'],
    );
    await server(1).start();
    await agree(ROOMS, 'anna', 'ben', 'cleo');
    for (const room of ROOMS) expect(a.roster(room)).toEqual(b.roster(room));
    expect(missed()).toEqual([]);
  });

  test('a slot that moves to another primary takes its rooms along: nobody is missing, nobody changes places', async () => {
    const [a, b] = await twoNodes();
    const moved = ROOMS.filter((room) => primaryOf(room) === 0).slice(0, 2);
    for (const room of moved) await cluster.moveSlot(slotOfRoom(room), server(0), server(2));
    for (const room of ROOMS) b.join(room, 'cleo');
    await agree(ROOMS, 'anna', 'ben', 'cleo');
    await Promise.all(nodes.map((node) => node.untilState('live')));
    for (const room of ROOMS) expect(a.roster(room)).toEqual(b.roster(room));
    expect(missed()).toEqual([]);
    const keys = await server(2).command('KEYS', 'shards:{[rh].*');
    const tags = moved.map((room) => new Keys('shards').room(room).hash);
    expect(keys).toEqual(expect.arrayContaining(tags));
  });

  test('a replica that is promoted has the rooms of its primary', async () => {
    const [a, b] = await twoNodes();
    await cluster.failOver();
    for (const room of ROOMS) b.join(room, 'cleo');
    await agree(ROOMS, 'anna', 'ben', 'cleo');
    await Promise.all(nodes.map((node) => node.untilState('live')));
    for (const room of ROOMS) expect(a.roster(room)).toEqual(b.roster(room));
    expect(missed()).toEqual([]);
  });
});

function sameNames(roster: readonly string[], names: readonly string[]): boolean {
  return roster.length === names.length && names.every((name) => roster.includes(name));
}
