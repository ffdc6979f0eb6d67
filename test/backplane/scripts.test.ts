/** The scripts that only the real ones run, line by line: those of registers, and of what an application was told. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Connection } from '../../src/backplane/connection';
import {
  CLAIM,
  LEAVE_NOTICES,
  LIVE,
  ORPHANS,
  RELEASE,
  SAVE,
  SETTLE,
  TAKE_NOTICES,
  TRY,
} from '../../src/backplane/ledger-scripts';
import { redisConnect } from '../../src/backplane/redis-connection';
import { RECORD, TELL } from '../../src/backplane/scripts';
import { systemClock } from '../../src/clock';
import { encodeEntry } from '../../src/conference/register';
import { describeWithEachRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming } from '../helpers/timing';

const CHANNEL = 'p:{t}:c';
const DAY = 86_400_000;

describeWithEachRedis('a script', (program) => {
  let redis: RedisServer;
  let connection: Connection;
  let heard: string[];

  const connect = (url: string) =>
    redisConnect(
      { url, name: 'scripts' },
      systemClock,
      quickTiming,
    )((_channel, text) => heard.push(text), new AbortController().signal);

  /** Everything that was told until now. */
  const told = async () => {
    await connection.run(TELL, [CHANNEL], ['the end']);
    while (!heard.includes('the end')) await turn();
    return heard.splice(0).slice(0, -1);
  };

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  beforeEach(async () => {
    await redis.command('FLUSHALL');
    heard = [];
    connection = await connect(redis.url);
    await connection.subscribe([CHANNEL]);
  });

  afterEach(() => connection.destroy(new Error('the test is over')));
  afterAll(() => redis.stop());

  describe('that records an entry', () => {
    const HASH = 'p:{t}:h';
    const entry = (stamp: number, kept: number, value: string) =>
      encodeEntry({ stamp, ends: 0, kept, value });
    const record = (key: string, stamp: number, text: string, milliseconds = 60_000, ...over: string[]) =>
      connection.run(
        RECORD,
        [HASH],
        [key, text, ...[stamp, milliseconds, 1_000].map(String), CHANNEL, `${key} ${text}`, ...over],
      );

    test('keeps the newest, of two of the same time the later one, and tells each', async () => {
      const texts = [entry(50, 1, 'a'), entry(9, 1, 'b'), entry(50, 1, 'c'), entry(100, 1, 'd')];
      const held: unknown[] = [];
      for (const [at, stamp] of [50, 9, 50, 100].entries()) {
        await record('k', stamp, texts[at] ?? '');
        held.push((await connection.readHash(HASH)).k);
      }
      expect(held).toEqual([texts[0], texts[0], texts[2], texts[3]]);
      expect(await told()).toEqual(texts.map((text) => `k ${text}`));
    });

    test('takes the place of what is no entry', async () => {
      await redis.command('HSET', HASH, 'k', 'nonsense');
      await record('k', 1, entry(1, 1, 'a'));
      expect(await connection.readHash(HASH)).toEqual({ k: entry(1, 1, 'a') });
    });

    test('drops, of the keys that it is told, those whose time is over', async () => {
      await record('over', 1, entry(1, 1_000, 'a'));
      await record('kept', 1, entry(1, 1_001, 'b'));
      await record('other', 1, entry(1, 999, 'c'));
      await redis.command('HSET', HASH, 'strange', 'nonsense');
      await record('new', 1, entry(1, 2_000, 'd'), 60_000, 'nobody', 'strange', 'kept', 'over');
      const left = Object.keys(await connection.readHash(HASH))
        .sort()
        .join();
      expect(left).toBe('kept,new,other,strange');
    });

    test('keeps all for as long as the longest needs it', async () => {
      const left = async () => Number(await redis.command('PTTL', HASH));
      await record('a', 1, entry(1, 1, ''), 60_000);
      expect(await left()).toBeGreaterThan(30_000);
      expect(await left()).toBeLessThanOrEqual(60_000);
      await record('b', 1, entry(1, 1, ''), 5_000);
      expect(await left()).toBeGreaterThan(30_000);
      await record('c', 1, entry(1, 1, ''), 120_000);
      expect(await left()).toBeGreaterThan(60_000);
    });
  });

  describe('of the ledger', () => {
    const [LIVING, OWNERS, ACCOUNTS] = ['p:{t}:z', 'p:{t}:o', 'p:{t}:a'];
    const [CLOSED, NOTICES, TRIED] = ['p:{t}:s:salon', 'p:{t}:n', 'p:{t}:t'];
    const run = (script: string, ...args: (string | number)[]) =>
      connection.run(script, [LIVING, OWNERS, ACCOUNTS, CHANNEL, CLOSED], args.map(String));
    const live = (node: string, milliseconds: number, before = '') => run(LIVE, node, milliseconds, before);
    const living = () => redis.command('ZRANGE', LIVING, '0', '-1');
    const claim = (node: string) => run(CLAIM, node, 'salon');

    test('says who lives: not whom it was before, nor who has been dead for a day', async () => {
      await live('x.1', 60_000);
      await live('y.1', 50_000);
      await live('x.2', 60_000, 'x.1');
      expect(await living()).toEqual(['y.1', 'x.2']);
      await live('long dead', -DAY - 1);
      await live('dead', 1_000 - DAY);
      expect(await living()).toEqual(['dead', 'y.1', 'x.2']);
      const now = Date.now();
      const ends = Number(await redis.command('ZSCORE', LIVING, 'x.2'));
      expect(Math.abs(ends - now - 60_000)).toBeLessThan(30_000);
    });

    test('lets one node speak for a room at a time, until it lives no more or has let go', async () => {
      await live('x', 60_000);
      expect(await claim('x')).toBe('');
      expect(await claim('y')).toBeNull();
      expect(await claim('x')).toBe('');
      await live('x', -1);
      expect(await claim('y')).toBe('');
      expect(await connection.readHash(OWNERS)).toEqual({ salon: 'y' });
      await live('y', 60_000);
      await run(RELEASE, 'y', 'salon');
      expect(await claim('x')).toBe('');
      await live('x', -1);
      expect(await claim('nobody')).toBe('');
      expect(await claim('y')).toBe('');
    });

    test('keeps the account of whoever speaks for the room, and shows it to the next', async () => {
      await live('x', 60_000);
      expect(await run(SAVE, 'x', 'salon', 'early')).toBe(0);
      await claim('x');
      expect(await run(SAVE, 'y', 'salon', 'of y')).toBe(0);
      expect(await connection.readHash(ACCOUNTS)).toEqual({});
      expect(await run(SAVE, 'x', 'salon', 'of x')).toBe(1);
      await live('x', -1);
      expect(await claim('y')).toBe('of x');
    });

    test('settles a closed room: the last account is there for a while, and nobody speaks for it', async () => {
      await live('x', 60_000);
      await claim('x');
      await run(SAVE, 'x', 'salon', 'open');
      expect(await run(SETTLE, 'y', 'salon', 'of y', 60_000)).toBe(0);
      expect(await redis.command('HLEN', OWNERS)).toBe(1);
      expect(await run(SETTLE, 'x', 'salon', 'closed', 60_000)).toBe(1);
      for (const key of [OWNERS, ACCOUNTS]) expect(await connection.readHash(key)).toEqual({});
      expect(await connection.readHash(CLOSED)).toEqual({ a: 'closed' });
      const left = Number(await redis.command('PTTL', CLOSED));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
      expect(await told()).toEqual(['salon']);
      expect(await claim('y')).toBe('closed');
      await run(SAVE, 'y', 'salon', 'open again');
      expect(await claim('y')).toBe('open again');
    });

    test('lets go of its own rooms, and tells it', async () => {
      await live('x', 60_000);
      for (const room of ['a', 'b']) await run(CLAIM, 'x', room);
      await live('y', 60_000);
      await run(CLAIM, 'y', 'c');
      await run(RELEASE, 'x', 'a', 'c', 'nothing', 'b');
      const left = expect.stringMatching(/^@\d{13}$/);
      expect(await connection.readHash(OWNERS)).toEqual({ a: left, b: left, c: 'y' });
      expect(await told()).toEqual(['a', 'b']);
    });

    test('finds the rooms that nobody speaks for, and since when', async () => {
      await live('living', 60_000);
      await live('dead', -20_000);
      await redis.command('HSET', OWNERS, 'a', 'living', 'b', 'dead', 'c', 'unknown', 'd', 'living');
      const { b, c, ...others } = await orphans();
      expect(others).toEqual({});
      expect(b).toBeGreaterThanOrEqual(20_000);
      expect(b).toBeLessThan(60_000);
      expect(c).toBeGreaterThan(1_700_000_000_000);
      await run(RELEASE, 'living', 'd');
      const { d } = await orphans();
      expect(d).toBeGreaterThanOrEqual(0);
      expect(d).toBeLessThan(30_000);
    });

    test('looks at as many rooms at a time as it is told, and goes on from there', async () => {
      const fields = Array.from({ length: 2_000 }, (_, index) => [`r${index}`, 'dead']).flat();
      await redis.command('HSET', OWNERS, ...fields);
      const [next, ...found] = Object(await run(ORPHANS, 0, 100));
      expect(found.length).toBeLessThan(1_000);
      const [, ...more] = Object(await run(ORPHANS, next, 100));
      expect(more.filter((room: string) => room.startsWith('r') && found.includes(room))).toEqual([]);
    });

    async function orphans(): Promise<Record<string, number>> {
      const [next, ...found] = Object(await run(ORPHANS, 0, 100)).map(String);
      expect(next).toBe('0');
      const ages: Record<string, number> = {};
      for (let at = 0; at < found.length; at += 2) ages[found[at]] = Number(found[at + 1]);
      return ages;
    }

    test('keeps the newest notices, and hands out the oldest first', async () => {
      const leave = (...notices: string[]) => connection.run(LEAVE_NOTICES, [NOTICES], ['3', ...notices]);
      const take = () => connection.run(TAKE_NOTICES, [NOTICES], ['2']);
      expect(await take()).toEqual([]);
      await leave('a', 'b');
      await leave('c', 'd');
      expect(await take()).toEqual(['b', 'c']);
      expect(await take()).toEqual(['d']);
    });

    test.each(['hscan', 'rpush', 'ltrim', 'lpop'])(
      'tries at the start what it needs later: %s',
      async (command) => {
        await connection.run(TRY, [OWNERS, TRIED], []);
        expect(await redis.command('EXISTS', TRIED)).toBe(0);
        await redis.command(
          'ACL',
          'SETUSER',
          'host',
          'reset',
          'on',
          '>word',
          '~*',
          '&*',
          '+@all',
          `-${command}`,
        );
        const limited = await connect(redis.url.replace('//', '//host:word@'));
        await expect(limited.run(TRY, [OWNERS, TRIED], [])).rejects.toThrow(/NOPERM|can.t run this command/);
        limited.destroy(new Error('the test is over'));
      },
    );
  });
});
