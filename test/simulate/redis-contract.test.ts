/** What the backplane takes for granted of Redis: the simulated one does the same as the real ones. */

import { Network } from '../../simulate/network';
import { SimulatedRedis } from '../../simulate/redis';
import { type Connect, type Connection, KeyRefusal } from '../../src/backplane/connection';
import { redisConnect } from '../../src/backplane/redis-connection';
import {
  APPEND,
  DELETE_IF,
  EXCHANGE,
  HEARTBEAT,
  KEEP,
  LEAVE,
  STORE,
  TAKE_OUT,
} from '../../src/backplane/scripts';
import { systemClock } from '../../src/clock';
import { describeWithEachRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming } from '../helpers/timing';

interface Subject {
  readonly connect: Connect;
  /** What another program does. */
  setText(key: string): Promise<unknown>;
  deleteKey(key: string): Promise<unknown>;
  setPolicy(policy: string): Promise<unknown>;
  timeLeft(key: string): Promise<number | undefined>;
}

const KEPT = '60000';
const [ROOM, CHANNEL] = ['p:{r.a}:h', 'p:{r.a}:c'];
const [LIVING, FACTS, DIGESTS] = ['p:{nodes}:z', 'p:{nodes}:i', 'p:{nodes}:d'];

function contract(subject: () => Subject): void {
  const open: Connection[] = [];

  afterEach(() => {
    for (const connection of open.splice(0)) connection.destroy(new Error('the test is over'));
  });

  async function newConnection() {
    const heard: string[] = [];
    let tell: () => void = () => {};
    const onMessage = (channel: string, text: string) => {
      heard.push(`${channel} ${text}`);
      tell();
    };
    const connection = await subject().connect(onMessage, new AbortController().signal);
    open.push(connection);
    const until = async (text: string) => {
      while (!heard.includes(text)) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
    };
    return { connection, heard, until };
  }

  const store = (connection: Connection, node: string, text: string, key = ROOM) =>
    connection.run(STORE, [key], [node, text, KEPT, CHANNEL]);
  const append = (connection: Connection, node: string, base: number, text: string) =>
    connection.run(APPEND, [ROOM], [node, String(base), text, KEPT, CHANNEL]);
  const keep = (connection: Connection, node: string, milliseconds = KEPT) =>
    connection.run(KEEP, [ROOM], [node, milliseconds]);
  const beat = (connection: Connection, node: string, expiry: number) =>
    connection.run(HEARTBEAT, [LIVING, FACTS], [node, String(expiry), `facts of ${node}`]);

  test('a list is stored, kept and told in one step, and says whether it is the first of its node', async () => {
    const { connection, until, heard } = await newConnection();
    await connection.subscribe([CHANNEL]);
    expect(await store(connection, 'x', 'one')).toBe(1);
    expect(await store(connection, 'x', 'two')).toBe(0);
    expect(await store(connection, 'y', 'three')).toBe(1);
    await until(`${CHANNEL} three`);
    expect(heard).toEqual([`${CHANNEL} one`, `${CHANNEL} two`, `${CHANNEL} three`]);
    expect(await connection.readHash(ROOM)).toEqual({ x: 'two', y: 'three' });
    const left = (await subject().timeLeft(ROOM)) ?? Infinity;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(Number(KEPT));
  });

  test('only those are told who follow the channel', async () => {
    const [a, b] = [await newConnection(), await newConnection()];
    await Promise.all([a, b].map(({ connection }) => connection.subscribe([CHANNEL, 'p:{r.b}:c'])));
    await a.connection.unsubscribe(CHANNEL);
    await store(b.connection, 'x', 'one');
    await b.connection.run(STORE, [ROOM], ['x', 'two', KEPT, 'p:{r.b}:c']);
    await Promise.all([a, b].map(({ until }) => until('p:{r.b}:c two')));
    expect(a.heard).toEqual(['p:{r.b}:c two']);
    expect(b.heard).toEqual([`${CHANNEL} one`, 'p:{r.b}:c two']);
  });

  test('a list is taken out and told to be empty; with the last one the key is gone', async () => {
    const { connection, until } = await newConnection();
    await connection.subscribe([CHANNEL]);
    await store(connection, 'x', 'one');
    await connection.run(TAKE_OUT, [ROOM], ['x', 'nothing', CHANNEL]);
    await until(`${CHANNEL} nothing`);
    expect(await connection.readHash(ROOM)).toEqual({});
    expect(await keep(connection, 'x')).toBeNull();
    expect(await subject().timeLeft(ROOM)).toBeUndefined();
  });

  test('a delta is added to the list that it is about, and told; any other is not', async () => {
    const { connection, until, heard } = await newConnection();
    const [list, first, second] = [
      '[3,"x",9,[["]",1]]]',
      '[3,"x",12,9,[["\\n[3,",2]],[]]',
      '[3,"x",13,12,[],["a"]]',
    ];
    await connection.subscribe([CHANNEL]);
    expect(await append(connection, 'x', 9, first)).toBe(0);
    expect(await connection.readHash(ROOM)).toEqual({});
    await store(connection, 'x', list);
    for (const base of [1, 8, 10, 90]) expect(await append(connection, 'x', base, first)).toBe(0);
    await keep(connection, 'x', '5000');
    expect(await append(connection, 'x', 9, first)).toBe(1);
    expect(await subject().timeLeft(ROOM)).toBeGreaterThan(5_000);
    expect(await append(connection, 'x', 9, first)).toBe(0);
    expect(await append(connection, 'x', 12, second)).toBe(1);
    expect(await connection.readHash(ROOM)).toEqual({ x: list, 'x+': `\n${first}\n${second}` });
    await until(`${CHANNEL} ${second}`);
    expect(heard).toEqual([list, first, second].map((text) => `${CHANNEL} ${text}`));
  });

  test('a whole list takes the place of a journal, and may be told by a delta', async () => {
    const { connection, until, heard } = await newConnection();
    await connection.subscribe([CHANNEL]);
    await store(connection, 'x', '[3,"x",1,[]]');
    await append(connection, 'x', 1, '[3,"x",2,1,[],[]]');
    expect(await connection.run(STORE, [ROOM], ['x', '[3,"x",3,[]]', KEPT, CHANNEL, 'delta'])).toBe(0);
    await until(`${CHANNEL} delta`);
    expect(heard).toHaveLength(3);
    expect(await connection.readHash(ROOM)).toEqual({ x: '[3,"x",3,[]]' });
  });

  test('who keeps a room hears which version of its list is there', async () => {
    const { connection } = await newConnection();
    expect(await keep(connection, 'x')).toBeNull();
    await store(connection, 'x', '[3,"x",17,[]]');
    expect(await keep(connection, 'y')).toBeNull();
    expect(await keep(connection, 'x')).toBe('17');
    await append(connection, 'x', 17, '[3,"x",204,17,[],[]]');
    expect(await keep(connection, 'x', '5000')).toBe('204');
    expect(await subject().timeLeft(ROOM)).toBeLessThanOrEqual(5_000);
    await store(connection, 'x', 'nonsense');
    expect(await keep(connection, 'x')).toBeNull();
  });

  test('a list is taken out with its journal', async () => {
    const { connection } = await newConnection();
    await store(connection, 'x', '[3,"x",1,[]]');
    await append(connection, 'x', 1, '[3,"x",2,1,[],[]]');
    await connection.run(TAKE_OUT, [ROOM], ['x', 'nothing', CHANNEL]);
    expect(await connection.readHash(ROOM)).toEqual({});
  });

  test('a list is deleted only if it is the one that was read, journal and all', async () => {
    const { connection } = await newConnection();
    const deleteIf = (node: string, text: string, journal: string) =>
      connection.run(DELETE_IF, [ROOM], [node, text, journal]);
    const [list, delta] = ['[3,"x",1,[]]', '[3,"x",2,1,[],[]]'];
    await store(connection, 'x', list);
    expect(await deleteIf('x', 'another', '')).toBe(0);
    expect(await deleteIf('y', list, '')).toBe(0);
    await append(connection, 'x', 1, delta);
    expect(await deleteIf('x', list, '')).toBe(0);
    expect(await deleteIf('x', list, `\n${delta}`)).toBe(2);
    expect(await connection.readHash(ROOM)).toEqual({});
    await store(connection, 'x', list);
    expect(await deleteIf('x', list, '')).toBe(1);
  });

  test('nodes exchange digests: each hears those of the others that live, and the dead are dropped', async () => {
    const { connection } = await newConnection();
    const exchange = (node: string, digest: string) =>
      connection.run(EXCHANGE, [DIGESTS, LIVING], [node, digest, KEPT]);
    await beat(connection, 'x', 60_000);
    await beat(connection, 'y', 60_000);
    expect(await exchange('x', 'of x')).toEqual([]);
    expect(await exchange('y', 'of y')).toEqual(['x', 'of x']);
    expect(await exchange('x', 'of x again')).toEqual(['y', 'of y']);
    await connection.run(LEAVE, [LIVING, FACTS], ['y', '0']);
    expect(await exchange('x', 'of x')).toEqual([]);
    expect(await connection.readHash(DIGESTS)).toEqual({ x: 'of x' });
    expect(await subject().timeLeft(DIGESTS)).toBeGreaterThan(0);
  });

  test('a key that another program uses is refused, by name; nothing is told, and the connection stands', async () => {
    const { connection, until, heard } = await newConnection();
    await connection.subscribe([CHANNEL]);
    await subject().setText(ROOM);
    const refusals = await Promise.allSettled([
      store(connection, 'x', 'one'),
      connection.readHash(ROOM),
      connection.run(TAKE_OUT, [ROOM], ['x', 'nothing', CHANNEL]),
      append(connection, 'x', 1, 'delta'),
      keep(connection, 'x'),
    ]);
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({ status: 'rejected', reason: expect.any(KeyRefusal) });
      expect(refusal).toMatchObject({ reason: { key: ROOM, message: expect.stringMatching(/^WRONGTYPE/) } });
    }
    await store(connection, 'x', 'two', 'p:{r.other}:h');
    await until(`${CHANNEL} two`);
    expect(heard).toEqual([`${CHANNEL} two`]);
  });

  test('a whole list that is newer than its journal is the version that is told when the room is kept', async () => {
    const { connection } = await newConnection();
    await store(connection, 'x', '[3,"x",17,[]]');
    await store(connection, 'x+', '\n[3,"x",204,17,[],[]]');
    expect(await keep(connection, 'x')).toBe('204');
    await store(connection, 'x', '[3,"x",1000000,[]]');
    await store(connection, 'x+', '\n[3,"x",204,17,[],[]]');
    expect(await keep(connection, 'x')).toBe('1000000');
  });

  test('what expires is gone', async () => {
    const { connection } = await newConnection();
    await store(connection, 'x', 'one');
    await keep(connection, 'x', '5');
    while ('x' in (await connection.readHash(ROOM)));
    expect(await keep(connection, 'x', '5')).toBeNull();
  });

  test('a heartbeat says whether the node was there, and who lives with which facts', async () => {
    const { connection } = await newConnection();
    expect(await beat(connection, 'x', 60_000)).toEqual([0, ['x'], ['x', 'facts of x']]);
    expect(await beat(connection, 'x', 60_000)).toEqual([1, ['x'], ['x', 'facts of x']]);
    const both = Object(await beat(connection, 'y', 50_000));
    expect([both[0], both[1]]).toEqual([0, ['y', 'x']]);
    expect(new Set(both[2])).toEqual(new Set(['x', 'facts of x', 'y', 'facts of y']));
    for (const key of [LIVING, FACTS]) expect(await subject().timeLeft(key)).toBeGreaterThan(0);
  });

  test('facts of somebody who is not listed are dropped, and a node that would be listed for ever is not', async () => {
    const { connection } = await newConnection();
    await connection.run(STORE, [FACTS], ['nobody', 'long', KEPT, CHANNEL]);
    await beat(connection, 'y', 60_000);
    expect(await connection.readHash(FACTS)).toEqual({ y: 'facts of y' });
    await connection.run(LEAVE, [LIVING, FACTS], ['y', '3600000', 'last facts']);
    expect(Object(await beat(connection, 'x', 60_000))[1].toSorted()).toEqual(['x', 'y']);
    await connection.run(LEAVE, [LIVING, FACTS], ['y', '3600000', 'last facts']);
    await beat(connection, 'x', 1);
    while (String(Object(await beat(connection, 'x', 60_000))[1]) !== 'x');
  });

  test('a heartbeat that is refused for what a key holds leaves no key without an expiry', async () => {
    const { connection } = await newConnection();
    const refusal = { key: `${LIVING} or ${FACTS}`, message: expect.stringMatching(/^WRONGTYPE/) };
    await subject().setText(LIVING);
    await expect(beat(connection, 'x', 60_000)).rejects.toMatchObject(refusal);
    expect(await subject().timeLeft(FACTS)).toBeGreaterThan(0);
    await subject().setText(FACTS);
    await subject().deleteKey(LIVING);
    await expect(beat(connection, 'x', 60_000)).rejects.toMatchObject(refusal);
    expect(await connection.readHash(LIVING)).toEqual({});
  });

  test('a node that leaves is there until its grace is over, or goes at once', async () => {
    const { connection } = await newConnection();
    await beat(connection, 'x', 60_000);
    await beat(connection, 'y', 60_000);
    const leave = (node: string, grace: number) =>
      connection.run(LEAVE, [LIVING, FACTS], [node, String(grace), `last facts of ${node}`]);
    const listed = async () => Object(await beat(connection, 'x', 60_000))[1];
    await leave('y', 30_000);
    expect(await listed()).toEqual(['y', 'x']);
    expect(await connection.readHash(FACTS)).toEqual({ x: 'facts of x', y: 'last facts of y' });
    await leave('y', 1);
    while (String(await listed()) !== 'x');
    await beat(connection, 'y', 60_000);
    await leave('y', 0);
    expect(await connection.readHash(FACTS)).toEqual({ x: 'facts of x' });
    expect(await beat(connection, 'x', 60_000)).toEqual([1, ['x'], ['x', 'facts of x']]);
  });

  test('a node that leaves when Redis has been emptied is there for its grace, and no key for longer', async () => {
    const { connection } = await newConnection();
    await connection.run(LEAVE, [LIVING, FACTS], ['z', '5000', 'last facts of z']);
    for (const key of [LIVING, FACTS]) {
      const left = await subject().timeLeft(key);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(5_000);
    }
    const [, names, facts] = Object(await beat(connection, 'x', 60_000));
    expect(names).toEqual(['z', 'x']);
    expect(facts).toContain('last facts of z');
    await connection.run(LEAVE, [LIVING, FACTS], ['z', '5000', 'last facts of z']);
    for (const key of [LIVING, FACTS]) expect(await subject().timeLeft(key)).toBeGreaterThan(5_000);
  });

  test('it says whether it evicts keys', async () => {
    const { connection } = await newConnection();
    expect(await connection.evictionPolicy()).toBe('noeviction');
    await subject().setPolicy('allkeys-lru');
    expect(await connection.evictionPolicy()).toBe('allkeys-lru');
    await subject().setPolicy('noeviction');
  });

  test('a connection that is ended fails what waits, follows nothing, and says why', async () => {
    const [a, b] = [await newConnection(), await newConnection()];
    await Promise.all([a, b].map(({ connection }) => connection.subscribe([CHANNEL])));
    const waiting = a.connection.readHash(ROOM);
    const why = new Error('enough');
    a.connection.destroy(why);
    await expect(waiting).rejects.toBe(why);
    await expect(a.connection.readHash(ROOM)).rejects.toThrow();
    expect(await a.connection.lost).toBe(why);
    await store(b.connection, 'x', 'one');
    await b.until(`${CHANNEL} one`);
    expect(a.heard).toEqual([]);
  });
}

describe('the simulated Redis', () => {
  let redis = new SimulatedRedis(Date.now);

  beforeEach(() => {
    redis = new SimulatedRedis(Date.now);
  });

  contract(() => {
    const network = new Network(redis, systemClock, quickTiming, () => 0);
    return {
      connect: network.connect({ clock: systemClock, run: (task) => task() }, { blocked: false }),
      setText: async (key) => redis.setText(key, 'x'),
      deleteKey: async (key) => redis.deleteKey(key),
      setPolicy: async (policy) => {
        redis.policy = policy;
      },
      timeLeft: async (key) => redis.timeLeft(key),
    };
  });
});

describeWithEachRedis('the real one', (program) => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  beforeEach(() => redis.command('FLUSHALL'));

  afterAll(() => redis.stop());

  contract(() => ({
    connect: redisConnect({ url: redis.url, name: 'contract' }, systemClock, quickTiming),
    setText: (key) => redis.command('SET', key, 'x'),
    deleteKey: (key) => redis.command('DEL', key),
    setPolicy: (policy) => redis.command('CONFIG', 'SET', 'maxmemory-policy', policy),
    timeLeft: async (key) => {
      const left = Number(await redis.command('PTTL', key));
      return left < 0 ? undefined : left;
    },
  }));

  test('a script is sent once a connection, by its hash after that, and again where Redis has forgotten it', async () => {
    const address = { url: redis.url, name: 'contract' };
    const connection = await redisConnect(
      address,
      systemClock,
      quickTiming,
    )(() => {}, new AbortController().signal);
    const run = () => connection.run(KEEP, [ROOM], ['x', KEPT]);
    const calls = async (command: string) => {
      const stats = String(await redis.command('INFO', 'commandstats'));
      return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    };
    await redis.command('CONFIG', 'RESETSTAT');
    await run();
    await Promise.all([run(), run()]);
    expect([await calls('eval'), await calls('evalsha')]).toEqual([1, 2]);
    await redis.command('SCRIPT', 'FLUSH');
    expect(await run()).toBeNull();
    expect(await run()).toBeNull();
    expect([await calls('eval'), await calls('evalsha')]).toEqual([2, 4]);
    connection.destroy(new Error('the test is over'));
  });
});
