/** What a connection asks of the client library, and what it makes of its replies and its silence. */
import { createHash } from 'node:crypto';
import { KeyRefusal } from '../../src/backplane/connection';
import { type RedisTarget, redisConnect } from '../../src/backplane/redis-connection';
import { defaultTiming } from '../../src/backplane/timing';
import { type FakeClient, fakeClients } from '../helpers/fake-client';
import { settled } from '../helpers/fake-servers';
import { ManualClock } from '../helpers/manual-clock';

jest.mock('@redis/client', () => ({
  createClient: jest.requireActual('../helpers/fake-client').createFakeClient,
}));

beforeEach(() => fakeClients.reset());

const never = () => new Promise<never>(() => {});
const SILENCE = 'Redis does not answer within 3000 ms';

function begin(target: Partial<RedisTarget> = {}) {
  const clock = new ManualClock();
  const stop = new AbortController();
  const heard: string[] = [];
  const connect = redisConnect({ url: 'redis://h:1', name: 'me', ...target }, clock, defaultTiming);
  const opening = connect((channel, message) => heard.push(`${channel}: ${message}`), stop.signal);
  return { clock, stop, heard, opening };
}

async function open(target?: Partial<RedisTarget>) {
  const story = begin(target);
  const connection = await story.opening;
  const [commands, subscriptions] = fakeClients.made.slice(-2) as [FakeClient, FakeClient];
  for (const { asked } of [commands, subscriptions]) asked.length = 0;
  const why = () => Promise.race([connection.lost.then(({ message }) => message), settled()]);
  return { ...story, connection, commands, subscriptions, why };
}

describe('a connection', () => {
  test('is two clients that neither come back nor keep what they cannot send', async () => {
    const { clock, stop, opening } = begin();
    const connection = await opening;
    const options = {
      ...{ url: 'redis://h:1', name: 'me', disableOfflineQueue: true, disableClientInfo: true },
      socket: { reconnectStrategy: false, connectTimeout: 3_000 },
      maintNotifications: 'disabled',
      commandOptions: { timeout: 0 },
    };
    expect(fakeClients.made.map((client) => client.options)).toEqual([options, options]);
    expect(fakeClients.made.map(({ asked }) => asked)).toEqual([[['connect']], [['connect']]]);
    expect(clock.waiting).toBe(1);
    stop.abort(new Error('the node stops'));
    expect(fakeClients.made.map(({ destroyed }) => destroyed)).toEqual([0, 0]);
    connection.destroy(new Error('enough'));
    connection.destroy(new Error('again'));
    expect([await connection.lost, clock.waiting]).toEqual([new Error('enough'), 0]);
    expect(fakeClients.made.map(({ destroyed }) => destroyed)).toEqual([1, 1]);
  });

  test('is not opened where Redis refuses, says nothing in time, or the node stops', async () => {
    fakeClients.reply = () => Promise.reject('refused');
    const refused = begin();
    await expect(refused.opening).rejects.toThrow('refused');
    fakeClients.reply = never;
    const silent = begin();
    await settled();
    silent.clock.advance(defaultTiming.answer - 1);
    expect(fakeClients.made.map(({ destroyed }) => destroyed)).toEqual([1, 1, 0, 0]);
    silent.clock.advance(1);
    await expect(silent.opening).rejects.toThrow(SILENCE);
    const stopped = begin();
    await settled();
    stopped.stop.abort('the node stops');
    await expect(stopped.opening).rejects.toThrow('the node stops');
    expect(fakeClients.made.map(({ destroyed }) => destroyed)).toEqual([1, 1, 1, 1, 1, 1]);
    expect([refused, silent, stopped].map(({ clock }) => clock.waiting)).toEqual([0, 0, 0]);
  });

  test.each([0, 1])(
    'ends with an error of client %d, which is destroyed again if it connects late',
    async (index) => {
      const { why } = await open();
      fakeClients.made[index]?.emit('connect');
      expect(fakeClients.made.map(({ destroyed }) => destroyed)).toEqual([0, 0]);
      fakeClients.made[index]?.emit('error', new Error('reset'));
      expect(await why()).toBe('reset');
      fakeClients.made[index]?.emit('connect');
      expect(fakeClients.made.map(({ destroyed }) => destroyed)).toEqual([2, 2]);
    },
  );

  test('asks both sockets every second whether Redis is there, and ends when either is silent', async () => {
    const { clock, commands, subscriptions, why } = await open();
    for (let count = 1; count < 4; count++) {
      clock.advance(defaultTiming.ping - 1);
      expect(commands.asked).toHaveLength(count - 1);
      clock.advance(1);
      await settled();
      expect([commands.asked.length, subscriptions.asked.length, clock.waiting]).toEqual([count, count, 1]);
    }
    expect(commands.asked[0]).toEqual(['ping']);
    fakeClients.reply = never;
    clock.advance(defaultTiming.ping + defaultTiming.answer - 1);
    expect(await why()).toBeUndefined();
    clock.advance(1);
    expect([await why(), clock.waiting]).toEqual([SILENCE, 0]);
  });

  test('ends when a ping fails, and asks no more when it has ended', async () => {
    const { clock, why } = await open();
    fakeClients.reply = () => Promise.reject(new Error('closed'));
    clock.advance(defaultTiming.ping);
    expect([await why(), clock.waiting]).toEqual(['closed', 0]);
    fakeClients.reply = async () => 'OK';
    const other = await open();
    other.clock.advance(defaultTiming.ping);
    other.connection.destroy(new Error('enough'));
    await settled();
    expect(other.clock.waiting).toBe(0);
  });
});

describe('channels', () => {
  test('are subscribed to together, and one listener hears them all', async () => {
    const { connection, commands, subscriptions, heard } = await open();
    await connection.subscribe([]);
    await connection.subscribe(['a', 'b']);
    await connection.unsubscribe('a');
    subscriptions.listener('hello', 'b');
    expect(subscriptions.asked).toEqual([
      ['sSubscribe', 'a', 'b'],
      ['sUnsubscribe', 'a', true],
    ]);
    expect([commands.asked, heard]).toEqual([[], ['b: hello']]);
  });

  test('of a cluster are subscribed to one by one, and it is told when they have moved', async () => {
    let moved = 0;
    const { connection, commands, subscriptions } = await open({ cluster: { onMoved: () => moved++ } });
    await connection.subscribe(['a', 'b']);
    expect(subscriptions.asked).toEqual([
      ['sSubscribe', 'a'],
      ['sSubscribe', 'b'],
    ]);
    commands.emit('sharded-channel-moved');
    expect(moved).toBe(0);
    subscriptions.emit('sharded-channel-moved');
    expect(moved).toBe(1);
  });

  test('that cannot be had end the connection', async () => {
    const { connection, why } = await open();
    fakeClients.reply = () => Promise.reject(new Error('WRONGTYPE what'));
    await expect(connection.subscribe(['a'])).rejects.toThrow('WRONGTYPE what');
    expect(await why()).toBe('WRONGTYPE what');
    await expect(connection.unsubscribe('a')).rejects.toThrow('WRONGTYPE what');
  });
});

describe('a script', () => {
  const hash = createHash('sha1').update('return 1').digest('hex');

  test('goes over the connection once, its hash after that, and again where Redis has forgotten it', async () => {
    const { connection, commands } = await open();
    const run = () => connection.run('return 1', ['k', 'l'], ['x']);
    expect([await run(), await run()]).toEqual(['OK', 'OK']);
    fakeClients.reply = async ([name]) => {
      if (name === 'EVALSHA') throw new Error('NOSCRIPT No matching script.');
      return 'again';
    };
    expect(await run()).toBe('again');
    const [whole, short] = [
      ['EVAL', 'return 1', '2', 'k', 'l', 'x'],
      ['EVALSHA', hash, '2', 'k', 'l', 'x'],
    ];
    expect(commands.asked).toEqual([whole, short, short, whole]);
    await connection.run('return 2', [], []);
    expect(commands.asked.at(-1)).toEqual(['EVAL', 'return 2', '0']);
  });

  test('that fails for what a key holds ends nothing; Redis may not know it yet', async () => {
    const { connection, commands, why } = await open();
    fakeClients.reply = () => Promise.reject(new Error('WRONGTYPE no hash'));
    const refused = connection.run('return 1', ['k', 'l'], []);
    await expect(refused).rejects.toThrow(KeyRefusal);
    await expect(refused).rejects.toThrow('WRONGTYPE no hash (key k or l)');
    await expect(connection.readHash('k')).rejects.toThrow('WRONGTYPE no hash (key k)');
    fakeClients.reply = async () => 'OK';
    await connection.run('return 1', ['k'], []);
    expect(commands.asked.map(([name]) => name)).toEqual(['EVAL', 'hGetAll', 'EVAL']);
    fakeClients.reply = async ([name]) =>
      name === 'EVALSHA' ? Promise.reject(new Error('x NOSCRIPT')) : 'OK';
    await expect(connection.run('return 1', ['k'], [])).rejects.toThrow('x NOSCRIPT');
    expect(await why()).toBe('x NOSCRIPT');
  });

  test('that fails after the end fails for why it has ended', async () => {
    const { connection } = await open();
    connection.destroy(new Error('enough'));
    fakeClients.reply = () => Promise.reject(new Error('WRONGTYPE no hash'));
    await expect(connection.run('return 1', ['k'], [])).rejects.toEqual(new Error('enough'));
    await expect(connection.readHash('k')).rejects.toEqual(new Error('enough'));
  });
});

describe('what Redis does when its memory is full', () => {
  const info = (text: string) => {
    fakeClients.reply = async () => text;
  };

  test.each([
    ['redis_mode:standalone\r\nmaxmemory_policy:allkeys-lru\r\nx:1', 'allkeys-lru'],
    ['maxmemory_policy:noeviction', 'noeviction'],
    ['x_maxmemory_policy:noeviction', undefined],
    ['x_redis_mode:cluster', undefined],
    ['', undefined],
  ])('is told by %j: %j', async (text, policy) => {
    const { connection, commands, why } = await open();
    info(text);
    expect(await connection.evictionPolicy()).toBe(policy);
    expect([commands.asked, await why()]).toEqual([[['INFO', 'server', 'memory']], undefined]);
  });

  test.each(['NOPERM this user', "ERR unknown command 'INFO'"])(
    'is not known where it says %s',
    async (text) => {
      const { connection, why } = await open();
      fakeClients.reply = () => Promise.reject(new Error(text));
      expect([await connection.evictionPolicy(), await why()]).toEqual([undefined, undefined]);
    },
  );

  test.each(['LOADING data', 'x NOPERM', 'x ERR'])('ends the connection where it says %s', async (text) => {
    const { connection, why } = await open();
    fakeClients.reply = () => Promise.reject(new Error(text));
    await expect(connection.evictionPolicy()).rejects.toThrow(text);
    expect(await why()).toBe(text);
  });

  test('is not asked of a cluster that was taken for a plain Redis', async () => {
    const { connection, why } = await open();
    info('a:1\r\nredis_mode:cluster\r\nmaxmemory_policy:noeviction');
    await expect(connection.evictionPolicy()).rejects.toThrow('this Redis is part of a Redis Cluster');
    expect(await why()).toBe('this Redis is part of a Redis Cluster');
    const expected = await open({ cluster: { onMoved: () => {} } });
    expect([await expected.connection.evictionPolicy(), await expected.why()]).toEqual([
      'noeviction',
      undefined,
    ]);
  });
});
