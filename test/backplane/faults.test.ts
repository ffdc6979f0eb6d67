/** What may go wrong with Redis and the way to it, done for real; every story ends with the truth on all nodes. */
import type { Connect } from '../../src/backplane/connection';
import { Cluster, type ClusterNode } from '../helpers/cluster';
import { Gate } from '../helpers/gate';
import { describeWithEachRedis, describeWithRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming, rereadingTiming } from '../helpers/timing';

/** Hears of each room that a node has read. */
/** Where digests agree, a room is read every twentieth time only: here every 2 s. */
const oftenReadingTiming = { ...rereadingTiming, reread: 100 };

class Reads {
  #awaited = 0;
  #onLast: () => void = () => {};

  readonly wrap = (connect: Connect): Connect => {
    return async (onMessage, stop) => {
      const connection = await connect(onMessage, stop);
      const readHash = connection.readHash.bind(connection);
      connection.readHash = async (key) => {
        const fields = await readHash(key);
        if (--this.#awaited === 0) setImmediate(this.#onLast);
        return fields;
      };
      return connection;
    };
  };

  /** Settles when the node has made so many more, and taken in what they found. */
  next(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = count;
      this.#onLast = resolve;
    });
  }
}

/** On Valkey in CI only: it takes half a minute. */
const describeFaults = process.env.CI === 'true' ? describeWithEachRedis : describeWithRedis;

describeFaults('rooms on several nodes', (program) => {
  let redis: RedisServer;
  let cluster: Cluster;

  beforeEach(async () => {
    redis = await RedisServer.start(program);
    cluster = new Cluster(redis.url);
  });

  afterEach(async () => {
    redis.thaw();
    await cluster.close();
    await redis.stop();
  });

  /** Two nodes, with two clients each in one room, all of whom see each other. */
  async function twoNodes() {
    const a = await cluster.newNode();
    const b = await cluster.newNode();
    await cluster.join(a, 'room', 'anna');
    await cluster.join(b, 'room', 'ben');
    const cleo = await cluster.join(a, 'room', 'cleo');
    const dora = await cluster.join(b, 'room', 'dora');
    await cluster.agree();
    return { a, b, cleo, dora };
  }

  /** One of each node leaves and another one comes, who hears of all that its node can know. */
  async function changeBoth({ a, b, cleo, dora }: Awaited<ReturnType<typeof twoNodes>>) {
    cluster.expectNoMore('cleo');
    cluster.expectNoMore('dora');
    await Promise.all([cluster.leave(cleo), cluster.leave(dora)]);
    await cluster.join(a, 'room', 'emil');
    await cluster.join(b, 'room', 'fritz');
  }

  test('Redis is killed and comes back empty: nobody is unlisted, nothing of what happened meanwhile is lost', async () => {
    const nodes = await twoNodes();
    cluster.expectAll();
    await redis.kill();
    await Promise.all([nodes.a.until('degraded'), nodes.b.until('degraded')]);
    await changeBoth(nodes);
    await redis.start();
    await cluster.agree();
    expect(cluster.missed).toEqual([]);
    expect(nodes.a.host.backplaneStatus).toMatchObject({ state: 'live', counts: { lost: 1 } });
  });

  test('Redis is frozen and wakes', async () => {
    const nodes = await twoNodes();
    cluster.expectAll();
    redis.freeze();
    const { why } = await nodes.a.until('degraded');
    expect(why).toMatch(/does not answer/);
    await nodes.b.until('degraded');
    await changeBoth(nodes);
    redis.thaw();
    await cluster.agree();
    expect(cluster.missed).toEqual([]);
  });

  test('Redis is emptied under way', async () => {
    const nodes = await twoNodes();
    cluster.expectAll();
    await redis.command('FLUSHALL');
    await changeBoth(nodes);
    await cluster.agree();
    expect(cluster.missed).toEqual([]);
  });

  test('Redis is emptied while nothing changes: a node that comes later is told everything', async () => {
    const { a, b } = await twoNodes();
    const idOf = ({ host }: typeof a) => host.backplaneStatus.nodes.find(({ self }) => self)?.id;
    await redis.command('FLUSHALL');
    const stored = async () => String(await redis.command('HKEYS', 'conference:{r.room}:h'));
    while ((await stored()).length < `${idOf(a)},${idOf(b)}`.length);
    const late = await cluster.newNode();
    await cluster.join(late, 'room', 'gustav');
    await cluster.agree();
  });

  test.each(['normal', 'pubsub'])('connections are cut (those for %s commands)', async (type) => {
    const nodes = await twoNodes();
    cluster.expectAll();
    await redis.command('CLIENT', 'KILL', 'TYPE', type);
    await changeBoth(nodes);
    await cluster.agree();
    expect(cluster.missed).toEqual([]);
    expect(nodes.b.host.backplaneStatus.counts.lost).toBe(1);
  });

  test('Redis is not there at the start: members are served, and share their rooms when it comes', async () => {
    await redis.kill();
    const a = await cluster.newNode();
    const b = await cluster.newNode();
    expect(a.host.backplaneStatus).toMatchObject({ state: 'degraded', why: /ECONNREFUSED/ });
    const anna = await cluster.join(a, 'room', 'anna');
    const ben = await cluster.join(b, 'room', 'ben');
    await Promise.all([anna.until('anna'), ben.until('ben')]);
    await redis.start();
    await cluster.agree();
  });

  test('Redis is frozen at the start: members are served, and share their rooms when it wakes', async () => {
    redis.freeze();
    const [a, b] = await Promise.all([cluster.newNode(), cluster.newNode()]);
    const anna = await cluster.join(a, 'room', 'anna');
    await anna.until('anna');
    await cluster.join(b, 'room', 'ben');
    redis.thaw();
    await cluster.agree();
  });

  test('the last member of a room leaves while Redis is away: no ghost stays on other nodes', async () => {
    const { a, b } = await twoNodes();
    const gustav = await cluster.join(a, 'another', 'gustav');
    await cluster.join(b, 'another', 'hanna');
    await cluster.agree();
    await redis.kill();
    await Promise.all([a.until('degraded'), b.until('degraded')]);
    await cluster.leave(gustav);
    await redis.start();
    await cluster.agree();
  });

  test('a node misses that another one has left a room, and Redis forgets it too: no ghost stays', async () => {
    const gate = new Gate();
    const a = await cluster.newNode();
    const b = await cluster.newNode({}, { timing: rereadingTiming, wrap: gate.wrap });
    const gustav = await cluster.join(a, 'another', 'gustav');
    await cluster.join(b, 'another', 'hanna');
    await cluster.join(a, 'room', 'anna');
    await cluster.agree();
    gate.shut();
    await b.until('degraded');
    await cluster.leave(gustav);
    const followers = () => redis.command('PUBSUB', 'SHARDNUMSUB', 'conference:{r.another}:c');
    while (String(await followers()) !== 'conference:{r.another}:c,0');
    await redis.command('FLUSHALL');
    gate.open();
    await cluster.agree();
    expect(b.host.backplaneStatus.counts.repaired).toBeGreaterThan(0);
  });

  test('messages are lost: the next read says what they said', async () => {
    let losing = 0;
    const lose = (connect: Connect): Connect => {
      return (onMessage, stop) =>
        connect((channel, text) => (losing-- > 0 ? undefined : onMessage(channel, text)), stop);
    };
    const a = await cluster.newNode({}, { timing: oftenReadingTiming });
    const reads = new Reads();
    const wrap = (connect: Connect) => reads.wrap(lose(connect));
    const b = await cluster.newNode({}, { timing: oftenReadingTiming, wrap });
    for (let room = 0; room < 10; room++) await cluster.join(b, `room ${room}`, 'ben');
    await cluster.agree();
    losing = 50;
    for (let client = 0; client < 50; client++)
      await cluster.join(a, `room ${client % 10}`, `client ${client}`);
    await cluster.agree();
    await reads.next(11);
    expect(b.host.backplaneStatus.counts.repaired).toBeGreaterThan(0);
  });

  test('a read overtakes the message that tells the same: it has repaired nothing', async () => {
    const waiting: (() => void)[] = [];
    let isHeld = false;
    const hold = (connect: Connect): Connect => {
      return (onMessage, stop) =>
        connect((channel, text) => {
          if (isHeld) waiting.push(() => onMessage(channel, text));
          else onMessage(channel, text);
        }, stop);
    };
    const a = await cluster.newNode({}, { timing: oftenReadingTiming });
    const reads = new Reads();
    const wrap = (connect: Connect) => reads.wrap(hold(connect));
    const b = await cluster.newNode({}, { timing: oftenReadingTiming, wrap });
    await cluster.join(b, 'room', 'ben');
    await cluster.agree();
    isHeld = true;
    await cluster.join(a, 'room', 'anna');
    await cluster.agree();
    isHeld = false;
    for (const hear of waiting) hear();
    await reads.next(2);
    expect(waiting).not.toEqual([]);
    expect(b.host.backplaneStatus.counts.repaired).toBe(0);
  });

  test('a node comes into rooms that another one holds: what it reads first repairs nothing', async () => {
    const a = await cluster.newNode({}, { timing: oftenReadingTiming });
    const reads = new Reads();
    const b = await cluster.newNode({}, { timing: oftenReadingTiming, wrap: reads.wrap });
    for (let room = 0; room < 5; room++) await cluster.join(a, `room ${room}`, 'anna');
    for (let room = 0; room < 5; room++) await cluster.join(b, `room ${room}`, 'ben');
    await cluster.agree();
    await reads.next(6);
    expect(b.host.backplaneStatus.counts.repaired).toBe(0);
  });

  test('the network is split for longer than a node is waited for, then whole again', async () => {
    const gate = new Gate();
    const a = await cluster.newNode();
    const b = await cluster.newNode({}, { wrap: gate.wrap });
    const anna = await cluster.join(a, 'room', 'anna');
    const ben = await cluster.join(b, 'room', 'ben');
    await cluster.agree();
    gate.shut();
    await b.until('degraded');
    await cluster.join(b, 'room', 'bella');
    await anna.until('anna');
    expect(ben.streams).toEqual(['anna', 'ben', 'bella']);
    gate.open();
    await cluster.agree();
  });

  describe('where Redis refuses', () => {
    const saysWhatToDo = async (
      node: ClusterNode & { until(state: 'degraded'): Promise<{ why: string | undefined }> },
    ) => (await node.until('degraded')).why;

    test('the password: members are served, the state says what to do, and it goes on when that is done', async () => {
      await redis.command('ACL', 'SETUSER', 'host', 'on', '>right', '~*', '&*', '+@all');
      const redisUrl = redis.url.replace('//', '//host:wrong@');
      const a = await cluster.newNode({ redisUrl });
      const b = await cluster.newNode();
      expect(await saysWhatToDo(a)).toMatch(/WRONGPASS.*check user and password in REDIS_URL/);
      await cluster.join(a, 'room', 'anna');
      await cluster.join(b, 'room', 'ben');
      await redis.command('ACL', 'SETUSER', 'host', '>wrong');
      await cluster.agree();
    });

    test.each(['spublish', 'ssubscribe', 'hdel', 'zadd'])('the command %s, at the start', async (command) => {
      await redis.command('ACL', 'SETUSER', 'host', 'on', 'nopass', '~*', '&*', '+@all', `-${command}`);
      const a = await cluster.newNode({ redisUrl: redis.url.replace('//', '//host:any@') });
      expect(await saysWhatToDo(a)).toMatch(/permission/);
      await redis.command('ACL', 'SETUSER', 'host', `+${command}`);
      await a.until('live');
    });

    test('nothing of what the documentation says to allow', async () => {
      const allowed =
        '+@connection +eval +evalsha +info +time +zadd +zrem +zscore +zrange +zrangebyscore +hset +hget +hgetall +hdel +pexpire +spublish +ssubscribe +sunsubscribe';
      await redis.command(
        'ACL',
        'SETUSER',
        'host',
        'on',
        'nopass',
        'resetkeys',
        '~p1:*',
        'resetchannels',
        '&p1:*',
        ...allowed.split(' '),
      );
      const options = { redisUrl: redis.url.replace('//', '//host:any@'), redisPrefix: 'p1' };
      const a = await cluster.newNode(options);
      const b = await cluster.newNode(options);
      const anna = await cluster.join(a, 'room', 'anna');
      await cluster.join(b, 'room', 'ben');
      await cluster.agree();
      await cluster.leave(anna);
      await cluster.agree();
      await a.close();
      expect([a, b].map(({ host }) => host.backplaneStatus.counts.lost)).toEqual([0, 0]);
    });
  });

  test('a node stops although Redis is frozen', async () => {
    const { a } = await twoNodes();
    redis.freeze();
    cluster.forget(a);
    await a.close();
    expect(a.host.backplaneStatus.state).toBe('stopped');
  });

  test('a node that stops is waited for: who comes back at once is never missing, in the same place, and the rest go', async () => {
    const { a, b, cleo } = await twoNodes();
    cluster.expectAll();
    cluster.expectNoMore('cleo');
    const [dora] = cluster.clientsOf(b).filter(({ name }) => name === 'dora');
    const before = dora?.streams.filter((name) => name !== 'cleo');
    cluster.forget(a);
    const closed = a.close();
    await cluster.join(b, 'room', 'anna');
    await closed;
    await cleo.closed();
    await cluster.agree();
    expect(cluster.missed).toEqual([]);
    expect(dora?.streams).toEqual(before);
    expect(b.host.backplaneStatus.nodes.map(({ self }) => self)).toEqual([true]);
  });

  test('where nobody is to be waited for, a node that stops takes its members out at once, and leaves nothing behind', async () => {
    const timing = { ...quickTiming, grace: 0 };
    const a = await cluster.newNode({}, { timing });
    const b = await cluster.newNode();
    await cluster.join(a, 'room', 'anna');
    await cluster.join(b, 'room', 'ben');
    await cluster.agree();
    cluster.forget(a);
    await a.close();
    await cluster.agree();
    const left = await redis.command('HKEYS', 'conference:{r.room}:h');
    expect(left).toEqual([b.host.backplaneStatus.nodes.find(({ self }) => self)?.id]);
  });

  test('nodes of other prefixes and of other databases have other rooms', async () => {
    const nodes = [
      await cluster.newNode(),
      await cluster.newNode({ redisPrefix: 'other' }),
      await cluster.newNode({ redisUrl: `${redis.url}/3` }),
    ];
    for (const [index, node] of nodes.entries()) {
      const watcher = await cluster.join(node, `room`, `client ${index}`);
      await watcher.until(`client ${index}`);
      cluster.forget(node);
    }
    for (const node of nodes) expect(node.host.backplaneStatus.counts.received).toBe(0);
  });
});
