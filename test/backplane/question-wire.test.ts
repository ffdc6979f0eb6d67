/** Questions between nodes, to the letter and at their bounds. A real Redis carries them elsewhere. */
import { redisQuestions } from '../../src/backplane/redis-questions';
import { defaultTiming } from '../../src/backplane/timing';
import type { Questions } from '../../src/conference/questions';
import { fakeRedis, settled } from '../helpers/fake-servers';
import { ManualClock } from '../helpers/manual-clock';

jest.mock('../../src/backplane/redis-servers', () => ({
  RedisServers: jest.requireActual('../helpers/fake-servers').FakeServers,
}));

beforeEach(() => fakeRedis.reset());

const WITHIN = 1_000;

async function story(redisUrl = 'redis://h:1', answer?: (question: string) => string | undefined) {
  const clock = new ManualClock();
  const said: { facts: object; message: string | undefined }[] = [];
  const logger = { debug: (facts: object, message?: string) => said.push({ facts, message }) };
  const silent = { info() {}, warn() {}, error() {}, debug: logger.debug };
  const node = (self: string) => redisQuestions({ redisUrl, redisPrefix: 'p' }, self, clock, silent as never);
  const a = node('a');
  if (answer !== undefined) a.onQuestion(answer);
  const started = a.start();
  await settled();
  return { clock, said, node, a, started };
}

/** What was told over the first link: channel and text. */
const told = (link = 0) => fakeRedis.links[link]?.calls.map(({ keys, args }) => [keys[0], args[0]]);
const hear = (text: string, channel = 'p:{questions}:c0:q') => fakeRedis.links[0]?.hear(channel, text);
const answered = (a: ReadonlyMap<string, string>) => Object.fromEntries(a);

test.each([
  ['redis://h:1', 'p:{questions}:c0'],
  ['redis://h:1/3', 'p:{questions}:c3'],
])('over %s questions go on %s, with who asks, a number and whom', async (url, stem) => {
  const { a, started, clock } = await story(url, () => undefined);
  await started;
  expect(fakeRedis.names).toEqual(['conference-host-questions-a']);
  expect([...(fakeRedis.links[0]?.channels ?? [])]).toEqual([`${stem}:q`, `${stem}:a.a`]);
  expect([a.isLinked, clock.waiting]).toEqual([true, 0]);
  const asked = a.ask(['b', 'c'], 'how are you?', WITHIN);
  void a.ask(['b'], 'and now?', WITHIN);
  expect(told()).toEqual([
    [`${stem}:q`, 'a 1 b,c how are you?'],
    [`${stem}:q`, 'a 2 b and now?'],
  ]);
  for (const text of ['!b 1 no', 'c 1 well', 'c 1 badly', 'd 1 me too', 'b 3 late'])
    hear(text, `${stem}:a.a`);
  await settled();
  hear('b 1 fine: 1 2', `${stem}:a.a`);
  expect(answered(await asked)).toEqual({ b: 'fine: 1 2', c: 'well' });
  expect(clock.waiting).toBe(1);
});

test('who does not answer is waited for until the time is up, or this node stops', async () => {
  const { a, clock } = await story();
  const asked = a.ask(['b', 'c'], 'x', WITHIN);
  hear('b 1 yes', 'p:{questions}:c0:a.a');
  clock.advance(WITHIN);
  expect(answered(await asked)).toEqual({ b: 'yes' });
  hear('c 1 late', 'p:{questions}:c0:a.a');
  const other = a.ask(['b'], 'x', WITHIN);
  a.stop();
  expect([answered(await other), clock.waiting]).toEqual([{}, 0]);
  expect(fakeRedis.links[0]?.why).toBe('the node stops');
  await settled();
  expect([a.isLinked, answered(await a.ask(['b'], 'x', WITHIN))]).toEqual([false, {}]);
});

test('a node with a long name is asked, and numbers have as many digits as they need', async () => {
  const { a } = await story();
  const name = `b-_${'9'.repeat(61)}`;
  for (let number = 1; number < 10; number++) void a.ask([name], 'x', WITHIN);
  const asked = a.ask([name], 'x', WITHIN);
  hear(`${name} 10 yes`, 'p:{questions}:c0:a.a');
  expect(answered(await asked)).toEqual({ [name]: 'yes' });
});

test('nobody is asked where there is nobody to ask', async () => {
  const { a, clock } = await story();
  expect(answered(await a.ask([], 'x', WITHIN))).toEqual({});
  expect([told(), clock.waiting]).toEqual([[], 0]);
});

test('an answer goes to the one that asked, if this node was asked', async () => {
  await story(undefined, (question) => (question === 'silence' ? undefined : `<${question}>`));
  for (const text of [
    'b 1 a hello you',
    'b 1 a again',
    'b 2 c,a and you?',
    'b 3 c,aa not you',
    'a 4 a myself',
    'b 5 a silence',
    'b-_9 6 a x',
    ' 7 a x',
    'b x a x',
    '!b 8 a x',
    `b ${'1'.repeat(15)} a x`,
    `b ${'1'.repeat(16)} a x`,
    `${'b'.repeat(65)} 9 a x`,
  ])
    hear(text);
  expect(told()).toEqual([
    ['p:{questions}:c0:a.b', 'a 1 <hello you>'],
    ['p:{questions}:c0:a.b', 'a 2 <and you?>'],
    ['p:{questions}:c0:a.b-_9', 'a 6 <x>'],
    ['p:{questions}:c0:a.b', `a ${'1'.repeat(15)} <x>`],
  ]);
});

test('what is longer than any node sends is no question and no answer', async () => {
  let length = 16 << 20;
  const { a, clock } = await story(undefined, () => 'y'.repeat(length));
  const question = (number: number, size: number) => hear(`b ${number} a `.padEnd(size, 'x'));
  question(1, 64 * 1024);
  question(2, 64 * 1024 + 1);
  length++;
  question(3, 100);
  expect(told()?.map(([, text]) => [text?.slice(0, 4), text?.length])).toEqual([['a 1 ', (16 << 20) + 4]]);
  const asked = a.ask(['b', 'c'], 'x', WITHIN);
  hear('c 1 '.padEnd((16 << 20) + 129, 'y'), 'p:{questions}:c0:a.a');
  hear('b 1 '.padEnd((16 << 20) + 128, 'y'), 'p:{questions}:c0:a.a');
  clock.advance(WITHIN);
  expect([...(await asked).keys()]).toEqual(['b']);
});

test('a thousand questions are answered in a second, and so many are remembered', async () => {
  const { clock } = await story(undefined, () => 'yes');
  const ask = (from: number, count: number) => {
    const before = told()?.length ?? 0;
    for (let number = from; number < from + count; number++) hear(`b ${number} a x`);
    return (told()?.length ?? 0) - before;
  };
  clock.advance(500);
  expect(ask(0, 1_001)).toBe(1_000);
  clock.advance(499);
  expect(ask(2_000, 1)).toBe(0);
  clock.advance(1);
  expect([ask(2_001, 500), ask(1_503, 1), ask(2_002, 1)]).toEqual([500, 1, 0]);
  clock.advance(1_000);
  expect([ask(3_000, 1_000), ask(3_000, 1)]).toEqual([1_000, 0]);
  clock.advance(1_000);
  expect([ask(3_000, 1), ask(4_000, 1), ask(3_001, 1), ask(3_000, 1)]).toEqual([0, 1, 0, 1]);
});

test('questions that come too early wait, a hundred of them', async () => {
  const { a } = await story();
  for (let number = 1; number <= 101; number++) hear(`b ${number} a x`);
  expect(told()).toEqual([]);
  a.onQuestion(() => 'yes');
  expect(told()?.map(([, text]) => text)).toEqual(Array.from({ length: 100 }, (_, n) => `a ${n + 1} yes`));
  a.onQuestion(() => 'no');
  hear('b 102 a x');
  expect(
    told()
      ?.slice(100)
      .map(([, text]) => text),
  ).toEqual(['a 102 no']);
});

test('over many Redis three carry questions, each on a channel that lands on it', async () => {
  const places = [1, 2, 3, 4, 5].map((port) => `redis://h:${port}`);
  const { a } = await story(places.join(), () => 'yes');
  expect(new Set(fakeRedis.links.map(({ place }) => place)).size).toBe(3);
  expect(
    fakeRedis.links.map(({ channels }) => [...channels][0]).filter((c) => c === 'p:{questions}:c0:q'),
  ).toHaveLength(1);
  void a.ask(['b'], 'x', WITHIN);
  expect(fakeRedis.links.map((_, link) => told(link)?.length)).toEqual([1, 1, 1]);
  const [first, second] = fakeRedis.links;
  for (const link of [first, second]) link?.hear([...link.channels][0] ?? '', 'b 1 a once');
  expect([told(0)?.length, told(1)?.length]).toEqual([2, 1]);
  first?.destroy(new Error('gone'));
  await settled();
  expect(a.isLinked).toBe(true);
  void a.ask(['b'], 'y', WITHIN);
  expect([told(0)?.length, told(1)?.length]).toEqual([2, 2]);
});

describe('the start', () => {
  const isDone = async (started: Promise<void>) => {
    let done = false;
    void started.then(() => {
      done = true;
    });
    await settled();
    return done;
  };

  test.each([
    ['is over when Redis cannot be reached', async () => Promise.reject(new Error('no Redis')), 0],
    [
      'waits for a Redis that says nothing, but not for long',
      () => new Promise<void>(() => {}),
      defaultTiming.start,
    ],
  ])('%s', async (_, connecting, wait) => {
    fakeRedis.connecting = connecting;
    const { started, clock, a, said } = await story();
    if (wait > 0) {
      clock.advance(wait - 1);
      expect(await isDone(started)).toBe(false);
      clock.advance(1);
    }
    expect([await isDone(started), a.isLinked]).toEqual([true, false]);
    expect(answered(await a.ask(['b'], 'x', WITHIN))).toEqual({});
    expect(said).toHaveLength(wait > 0 ? 0 : 1);
    if (wait === 0) expect(clock.waiting).toBe(1);
  });

  test('is over when the node stops', async () => {
    fakeRedis.connecting = () => new Promise(() => {});
    const { started, clock, a } = await story();
    expect(await isDone(started)).toBe(false);
    a.stop();
    expect([await isDone(started), clock.waiting]).toEqual([true, 0]);
  });
});

test('a question that cannot be told is written to the log, and nothing else', async () => {
  const { a, said, clock } = await story();
  fakeRedis.reply = () => Promise.reject(new Error('no room'));
  const asked: ReturnType<Questions['ask']> = a.ask(['b'], 'x', WITHIN);
  await settled();
  expect(said).toEqual([
    { facts: { err: new Error('no room') }, message: 'questions to other nodes: not connected to Redis' },
  ]);
  clock.advance(WITHIN);
  expect(answered(await asked)).toEqual({});
});

test('a question that was heard over a link that is lost meanwhile is not answered', async () => {
  const { a } = await story();
  hear('b 1 a x');
  fakeRedis.links[0]?.destroy(new Error('gone'));
  await settled();
  expect(() => a.onQuestion(() => 'yes')).not.toThrow();
  expect(told()).toEqual([]);
});
