/** A register that nodes share, to the letter: what goes to Redis, and what comes of what it holds. */
import { redisRegister } from '../../src/backplane/redis-register';
import { RECORD } from '../../src/backplane/scripts';
import { defaultTiming } from '../../src/backplane/timing';
import { type Entry, encodeEntry } from '../../src/conference/register';
import { fakeRedis, settled } from '../helpers/fake-servers';
import { ManualClock } from '../helpers/manual-clock';

jest.mock('../../src/backplane/redis-servers', () => ({
  RedisServers: jest.requireActual('../helpers/fake-servers').FakeServers,
}));

const [HASH, CHANNEL] = ['p:{policies}:h', 'p:{policies}:c3'];
const NOW = 1_700_000_000_000;
const entry = (stamp: number, kept = NOW + 60_000, value = 'v'): Entry => ({
  ...{ stamp, ends: kept, kept, value },
});

beforeEach(() => {
  fakeRedis.reset();
  jest.spyOn(Date, 'now').mockReturnValue(NOW);
});

afterEach(() => jest.restoreAllMocks());

function story(known: [string, Entry][] = []) {
  const clock = new ManualClock();
  const said: { facts: object; message: string | undefined }[] = [];
  const logger = { debug: (facts: object, message?: string) => said.push({ facts, message }) };
  const settings = { redisUrl: 'redis://h:1/3', redisPrefix: 'p', topic: 'policies' };
  const register = redisRegister(settings, clock, { info() {}, warn() {}, error() {}, ...logger } as never);
  const heard: [string, Entry][] = [];
  let isStarted = false;
  const start = async () => {
    const started = register.start(
      () => known,
      (key, each) => heard.push([key, each]),
    );
    void started.then(() => {
      isStarted = true;
    });
    await settled();
  };
  return { clock, said, register, heard, start, isStarted: () => isStarted };
}

const written = (link = 0) => fakeRedis.links[link]?.calls.map(({ args }) => args) ?? [];
const keysOf = (calls: readonly (readonly string[])[]) => calls.map(([key]) => key);

test('an entry is kept and told, with its stamp, how long, and what may go', async () => {
  const { register, start, isStarted, clock } = story();
  expect(register.keeps('a')).toBe(false);
  await start();
  expect([isStarted(), clock.waiting, register.keeps('a')]).toEqual([true, 0, true]);
  expect(fakeRedis.names).toEqual([expect.stringMatching(/^conference-host-policies-.+/)]);
  const told = register.tell('a', entry(5), ['old']);
  expect(register.keeps('a')).toBe(false);
  expect([await told, register.keeps('a'), clock.waiting]).toEqual([true, true, 0]);
  const text = encodeEntry(entry(5));
  const args = ['a', text, '5', '60000', String(NOW), CHANNEL, JSON.stringify(['a', text]), 'old'];
  expect(fakeRedis.links[0]?.calls).toEqual([{ script: RECORD, keys: [HASH], args }]);
  await register.tell('b', entry(6, NOW - 1), []);
  expect(written()[1]?.slice(3)).toEqual(['1', String(NOW), CHANNEL, expect.anything()]);
});

test('with a new link both sides are brought together', async () => {
  const [same, newer, ended] = [entry(1), entry(9), entry(2, NOW)];
  fakeRedis.readHash = async (key) => {
    expect(key).toBe(HASH);
    expect([...(fakeRedis.links[0]?.channels ?? [])]).toEqual([CHANNEL]);
    const stored = { same, theirs: entry(3), mine: entry(4), over: entry(1, NOW), late: entry(1, NOW - 1) };
    const texts = Object.entries(stored).map(([name, each]) => [name, encodeEntry(each)]);
    return { ...Object.fromEntries(texts), junk: 'x' };
  };
  const { register, heard, start } = story([
    ['same', same],
    ['mine', newer],
    ['new', entry(7)],
    ['ended', ended],
  ]);
  await start();
  expect(heard).toEqual([
    ['same', same],
    ['theirs', entry(3)],
    ['mine', entry(4)],
  ]);
  expect(keysOf(written())).toEqual(['mine', 'new']);
  expect(written()[0]?.slice(7)).toEqual([]);
  // What Redis has kept for too long goes with the next that is told, once.
  await register.tell('next', entry(8), ['more']);
  await register.tell('next', entry(9), []);
  expect(
    written()
      .slice(2)
      .map((args) => args.slice(7)),
  ).toEqual([['over', 'late', 'more'], []]);
});

test('many entries are written a hundred at a time', async () => {
  const known = Array.from({ length: 201 }, (_, n): [string, Entry] => [`k${n}`, entry(n + 1)]);
  const waiting: (() => void)[] = [];
  fakeRedis.reply = () => new Promise((resolve) => waiting.push(() => resolve(1)));
  const { start, isStarted } = story(known);
  await start();
  const counts = [];
  while (waiting.length > 0) {
    counts.push(waiting.length);
    expect(isStarted()).toBe(false);
    for (const go of waiting.splice(0)) go();
    await settled();
  }
  expect([counts, isStarted()]).toEqual([[100, 100, 1], true]);
  expect(keysOf(written())).toEqual(known.map(([key]) => key));
});

test('what nodes tell is heard, and nothing that is none', async () => {
  const { heard, start } = story();
  await start();
  const text = encodeEntry(entry(5));
  const tell = (message: string) => fakeRedis.links[0]?.hear(CHANNEL, message);
  for (const bad of ['', 'x', '{}', 'null', '{"0":"a"}', `[1,${JSON.stringify(text)}]`, '["a","x"]', '["a"]'])
    tell(bad);
  const whole = JSON.stringify(['a', text]);
  tell(whole.padEnd(300 * 1024 + 1));
  expect(heard).toEqual([]);
  tell(whole.padEnd(300 * 1024));
  expect(heard).toEqual([['a', entry(5)]]);
});

test('what cannot be kept is not said to be, until another link has it', async () => {
  const known: [string, Entry][] = [];
  const { register, start, said, clock } = story(known);
  expect(await register.tell('early', entry(1), [])).toBe(false);
  await start();
  fakeRedis.reply = () => Promise.reject(new Error('no room'));
  expect([await register.tell('a', entry(5), []), register.keeps('a')]).toEqual([false, false]);
  expect(said).toEqual([
    { facts: { err: new Error('no room'), key: HASH }, message: 'policies: not connected to Redis' },
  ]);
  expect(register.keeps('b')).toBe(true);
  fakeRedis.links[0]?.destroy(new Error('gone'));
  await settled();
  expect([register.keeps('b'), said.length]).toEqual([false, 2]);
  known.push(['a', entry(5)]);
  fakeRedis.reply = async () => 1;
  clock.advance(defaultTiming.retryMost);
  await settled();
  expect([keysOf(written(1)), register.keeps('a'), register.keeps('b')]).toEqual([['a'], true, true]);
});

test('what is forgotten is not waited for', async () => {
  const { register, start } = story();
  await start();
  fakeRedis.reply = () => Promise.reject(new Error('no room'));
  await register.tell('old', entry(5), []);
  fakeRedis.reply = async () => 1;
  await register.tell('new', entry(6), ['old']);
  expect(register.keeps('old')).toBe(true);
});

test('whoever tells waits for an answer, but not for long', async () => {
  const { register, start, clock } = story();
  await start();
  fakeRedis.reply = () => new Promise(() => {});
  let kept: boolean | undefined;
  void register.tell('a', entry(5), []).then((is) => {
    kept = is;
  });
  clock.advance(defaultTiming.start - 1);
  await settled();
  expect(kept).toBeUndefined();
  clock.advance(1);
  await settled();
  expect([kept, register.keeps('a')]).toEqual([false, false]);
});

test('what is told while the link is not live yet is not kept for sure', async () => {
  let read = (_stored: Record<string, string>) => {};
  fakeRedis.readHash = () =>
    new Promise((resolve) => {
      read = resolve;
    });
  const { register, start } = story();
  await start();
  expect(await register.tell('a', entry(5), [])).toBe(false);
  read({});
  await settled();
  expect(await register.tell('a', entry(6), [])).toBe(true);
});

describe('the start', () => {
  test('is over when Redis cannot be reached, when it says nothing for long, and when the node stops', async () => {
    const down = story();
    fakeRedis.connecting = () => Promise.reject(new Error('no Redis'));
    await down.start();
    expect([down.isStarted(), down.said.length, down.clock.waiting]).toEqual([true, 1, 1]);
    down.register.stop();
    expect(down.clock.waiting).toBe(0);
    fakeRedis.connecting = () => new Promise(() => {});
    const [silent, stopped] = [story(), story()];
    await Promise.all([silent.start(), stopped.start()]);
    silent.clock.advance(defaultTiming.start - 1);
    await settled();
    expect(silent.isStarted()).toBe(false);
    silent.clock.advance(1);
    stopped.register.stop();
    await settled();
    expect([silent.isStarted(), stopped.isStarted(), stopped.clock.waiting]).toEqual([true, true, 0]);
  });
});
