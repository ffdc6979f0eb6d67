/** Which of several servers is asked for the map of a Redis Cluster, and over which connection. */
import { RedisServers } from '../../src/backplane/redis-servers';
import { defaultTiming } from '../../src/backplane/timing';
import { redisAddresses } from '../../src/redis-addresses';
import { fakeClients } from '../helpers/fake-client';
import { settled } from '../helpers/fake-servers';
import { ManualClock } from '../helpers/manual-clock';

jest.mock('@redis/client', () => ({
  createClient: jest.requireActual('../helpers/fake-client').createFakeClient,
}));

beforeEach(() => fakeClients.reset());

const addresses = redisAddresses('redis://h:1,redis://h:2,redis://h:3');
const slots = (port: number) => [[0, 16_383, ['', port, `id-${port}`]]];
const asked = () => fakeClients.made.filter((_, index) => index % 2 === 0).map(({ options }) => options.url);

function servers() {
  const stop = new AbortController();
  return { stop, servers: new RedisServers('me', new ManualClock(), defaultTiming) };
}

test('the map of a cluster is asked of one after the other until one knows, over a connection for that alone', async () => {
  fakeClients.reply = async ([name], url) => {
    if (name !== 'CLUSTER') return 'OK';
    if (url === 'redis://h:1') throw new Error('WRONGTYPE no');
    return slots(2);
  };
  const story = servers();
  const { primaries } = await story.servers.askForMap(addresses, story.stop.signal);
  expect(primaries.map(({ id }) => id)).toEqual(['id-2']);
  expect(asked()).toEqual(['redis://h:1', 'redis://h:2']);
  expect(fakeClients.made[0]?.asked).toEqual([['connect'], ['CLUSTER', 'SLOTS']]);
  expect(fakeClients.made.map(({ destroyed }) => destroyed)).toEqual([1, 1, 1, 1]);
  expect(fakeClients.made[0]?.options).toMatchObject({ name: 'me' });
});

test('the map is not known where nobody knows, there is nobody, or the node stops', async () => {
  fakeClients.reply = async (_what, url) => Promise.reject(`no ${url}`);
  const story = servers();
  await expect(story.servers.askForMap(addresses, story.stop.signal)).rejects.toThrow('no redis://h:3');
  await expect(story.servers.askForMap([], story.stop.signal)).rejects.toThrow('there is no address to ask');
  const before = fakeClients.made.length;
  story.stop.abort(new Error('the node stops'));
  await expect(story.servers.askForMap(addresses, story.stop.signal)).rejects.toThrow('the node stops');
  expect(fakeClients.made).toHaveLength(before);
});

test('the map is asked for first over a connection to a primary that is open', async () => {
  fakeClients.reply = async ([name]) => (name === 'CLUSTER' ? slots(2) : 'OK');
  const story = servers();
  const [, second = addresses[0], third = second] = addresses;
  if (second === undefined || third === undefined) throw new Error('there are three');
  const { signal } = story.stop;
  let moved = 0;
  await story.servers.connectTo(third)(() => {}, signal);
  const first = await story.servers.connectTo(second, { onMoved: () => moved++ })(() => {}, signal);
  fakeClients.made[3]?.emit('sharded-channel-moved');
  expect(moved).toBe(1);
  await story.servers.askForMap(addresses, signal);
  expect(asked()).toEqual(['redis://h:3', 'redis://h:2']);
  const next = await story.servers.connectTo(second, { onMoved: () => {} })(() => {}, signal);
  first.destroy(new Error('gone'));
  await settled();
  await story.servers.askForMap(addresses, signal);
  expect(asked()).toHaveLength(3);
  next.destroy(new Error('gone'));
  await settled();
  await story.servers.askForMap(addresses, signal);
  expect(asked().slice(3)).toEqual(['redis://h:1']);
});
