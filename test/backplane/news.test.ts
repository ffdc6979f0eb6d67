/** News between nodes: on which channel, what is told there, and what is heard of it. A real Redis carries them elsewhere. */
import { redisNews } from '../../src/backplane/redis-news';
import { TELL } from '../../src/backplane/scripts';
import { defaultTiming } from '../../src/backplane/timing';
import { fakeRedis, settled } from '../helpers/fake-servers';
import { ManualClock } from '../helpers/manual-clock';

jest.mock('../../src/backplane/redis-servers', () => ({
  RedisServers: jest.requireActual('../helpers/fake-servers').FakeServers,
}));

beforeEach(() => fakeRedis.reset());

async function follow(redisUrl: string, topic?: string) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const said: unknown[] = [];
  const log = { debug: (facts: object, message?: string) => said.push([message, facts]) };
  const settings = { redisUrl, redisPrefix: 'p', ...(topic && { topic }) };
  const news = redisNews(settings, clock, { info() {}, warn() {}, error() {}, ...log } as never);
  news.onNews(
    (text) => heard.push(text),
    () => heard.push('(a new link)'),
  );
  await settled();
  const [channel = ''] = fakeRedis.links[0]?.channels ?? [];
  const hear = (text: string) => fakeRedis.links[0]?.hear(channel, text);
  return { clock, news, channel, heard, said, hear };
}

test.each([
  ['redis://h', 'p:{news}:c'],
  ['redis://h/', 'p:{news}:c'],
  ['redis://h/0', 'p:{news}:c'],
  ['redis://h/3', 'p:{news}:c3'],
  ['redis://h/03', 'p:{news}:c3'],
])('%s has its news on %s, however the database is written', async (url, channel) => {
  expect((await follow(url)).channel).toBe(channel);
});

test('what is longer than any node tells is not heard', async () => {
  const { hear, heard } = await follow('redis://h');
  const other = `${'n'.repeat(12)} `;
  hear(`${other}${'x'.repeat((1 << 20) + 1)}`);
  hear(`${other}hello`);
  hear(`${other}${'y'.repeat(1 << 20)}`);
  expect(heard.map(({ length }) => length)).toEqual(['(a new link)'.length, 5, 1 << 20]);
  expect(heard[1]).toBe('hello');
});

test('what a node tells begins with its name, which the others leave out and it knows as its own', async () => {
  const [a, b] = [await follow('redis://h', 'notes'), await follow('redis://h', 'notes')];
  expect(a.channel).toBe('p:{notes}:c');
  const [name = ''] = fakeRedis.names;
  expect(name).toMatch(/^conference-host-notes-.{12}$/);
  a.news.tell('{"hello": 1}');
  const args = [`${name.slice('conference-host-notes-'.length)} {"hello": 1}`];
  expect(fakeRedis.links[0]?.calls).toEqual([{ script: TELL, keys: [a.channel], args }]);
  expect([a.heard, b.heard]).toEqual([['(a new link)'], ['(a new link)', '{"hello": 1}']]);
  a.news.tell('x'.repeat((1 << 20) + 1));
  a.news.tell('x'.repeat(1 << 20));
  expect(b.heard.slice(2).map(({ length }) => length)).toEqual([1 << 20]);
  expect(fakeRedis.links[0]?.calls).toHaveLength(2);
});

test('a link that is lost is made again, and the log says so quietly', async () => {
  const { clock, news, channel, heard, said } = await follow('redis://h');
  expect(said).toEqual([['news: connected to Redis', { channel }]]);
  fakeRedis.reply = () => Promise.reject(new Error('no room'));
  news.tell('x');
  await settled();
  const failed = (why: string) => ['news: not connected to Redis', { err: new Error(why), channel }];
  expect(said.slice(1)).toEqual([failed('no room')]);
  fakeRedis.links[0]?.destroy(new Error('gone'));
  await settled();
  news.tell('into the void');
  expect(said.slice(2)).toEqual([failed('gone')]);
  clock.advance(defaultTiming.retryMost);
  await settled();
  expect(heard).toEqual(['(a new link)', '(a new link)']);
  news.stop();
  await settled();
  expect([fakeRedis.links[1]?.why, clock.waiting]).toEqual(['the node stops', 0]);
});

test('news may be followed without a word about links, and told before there is one', async () => {
  const settings = { redisUrl: 'redis://h', redisPrefix: 'p' };
  const news = redisNews(settings, new ManualClock(), {
    info() {},
    warn() {},
    error() {},
    debug() {},
  } as never);
  news.tell('too early');
  const heard: string[] = [];
  news.onNews((text) => heard.push(text));
  await settled();
  expect([...(fakeRedis.links[0]?.channels ?? [])]).toEqual(['p:{news}:c']);
  expect(fakeRedis.links[0]?.calls).toEqual([]);
});
