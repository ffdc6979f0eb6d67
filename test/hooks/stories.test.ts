import { MOST_NOTICES } from '../../src/hooks/notices';
import { HookedCluster } from '../helpers/hooked-cluster';
import { SeededRandom } from '../helpers/random';

const newCluster = () => new HookedCluster(new SeededRandom(3));
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

test('a room whose node has died with everybody in it is told empty', async () => {
  const cluster = newCluster();
  const [one] = [cluster.startNode(), cluster.startNode()];
  cluster.join(one, 'salon', 'alice');
  await cluster.pass(SECOND);
  cluster.kill(one);
  await cluster.pass(20 * SECOND);
  expect(cluster.application.rooms).toEqual({ salon: ['alice'] });
  await cluster.pass(20 * SECOND);
  expect(cluster.application.rooms).toEqual({});
  expect(cluster.application.wrong).toEqual([]);
});

test('others speak for the rooms of a node that stops, and nobody is told to have left who comes back', async () => {
  const cluster = newCluster();
  const [one, two] = [cluster.startNode(), cluster.startNode()];
  cluster.join(one, 'salon', 'alice');
  cluster.join(one, 'attic', 'carol');
  await cluster.pass(SECOND);
  cluster.join(two, 'salon', 'bob');
  await cluster.pass(SECOND);
  cluster.stop(one);
  cluster.join(two, 'salon', 'dave');
  await cluster.pass(SECOND);
  expect(cluster.application.rooms.salon).toEqual(['alice', 'bob', 'dave']);
  cluster.join(two, 'salon', 'alice');
  cluster.join(two, 'attic', 'carol');
  await cluster.pass(MINUTE);
  expect(cluster.application.rooms).toEqual({ attic: ['carol'], salon: ['alice', 'bob', 'dave'] });
  expect(cluster.application.heard.flatMap(({ data }) => data.left ?? [])).toEqual([]);
});

test('an event that the application never takes holds up its own room only', async () => {
  const cluster = newCluster();
  const node = cluster.startNode(true);
  cluster.poison = 'poisoned';
  cluster.join(node, 'poisoned', 'alice');
  for (let count = 0; count < 50; count++) {
    cluster.join(node, `room ${count}`, 'bob');
    await cluster.pass(SECOND);
    expect(Object.keys(cluster.application.rooms)).toHaveLength(count + 1);
  }
  cluster.poison = undefined;
  await cluster.pass(2 * MINUTE);
  expect(cluster.application.rooms).toEqual(cluster.truth);
});

test('an application that is away is tried rarely, and one that is gone very rarely', async () => {
  const cluster = newCluster();
  const node = cluster.startNode(true);
  for (let room = 0; room < 100; room++) cluster.join(node, `room ${room}`, 'alice');
  cluster.mood = 'failing';
  await cluster.pass(MINUTE);
  const { attempts } = cluster;
  await cluster.pass(5 * MINUTE);
  expect(cluster.attempts - attempts).toBeGreaterThanOrEqual(10);
  expect(cluster.attempts - attempts).toBeLessThanOrEqual(14);
  cluster.mood = 'gone';
  await cluster.pass(MINUTE);
  const whenGone = cluster.attempts;
  await cluster.pass(6 * MINUTE);
  expect(cluster.attempts).toBe(whenGone);
  cluster.mood = 'well';
  await cluster.pass(5 * MINUTE);
  expect(cluster.application.rooms).toEqual(cluster.truth);
});

test('a test that arrives ends the wait of an application that was gone', async () => {
  const cluster = newCluster();
  const node = cluster.startNode(true);
  cluster.mood = 'gone';
  cluster.join(node, 'salon', 'alice');
  await cluster.pass(5 * SECOND);
  cluster.mood = 'well';
  const sent = node.webhooks.test();
  await cluster.pass(5 * SECOND);
  expect(await sent).toMatchObject({ delivered: true });
  expect(cluster.application.rooms).toEqual(cluster.truth);
});

test('of a flood of refusals the newest are told, and rooms are not delayed', async () => {
  const cluster = newCluster();
  const node = cluster.startNode(true);
  cluster.mood = 'failing';
  for (let number = 0; number < MOST_NOTICES + 10; number++)
    node.webhooks.notice('member.refused', { number });
  await cluster.pass(SECOND);
  expect(node.webhooks.status()).toMatchObject({ notices: MOST_NOTICES, counts: { dropped: 10 } });
  cluster.mood = 'well';
  cluster.join(node, 'salon', 'alice');
  await cluster.pass(10 * SECOND);
  expect(cluster.application.rooms).toEqual(cluster.truth);
  await cluster.pass(MINUTE);
  const told = cluster.application.heard.filter(({ type }) => type === 'member.refused');
  expect(told.map(({ data }) => data.number)).toEqual(
    Array.from({ length: MOST_NOTICES }, (_, index) => index + 10),
  );
});

test('what a node has left to tell of refusals when it stops, the next one tells', async () => {
  const cluster = newCluster();
  const one = cluster.startNode();
  cluster.mood = 'failing';
  one.webhooks.notice('member.removed', { streamName: 'alice' });
  await cluster.pass(SECOND);
  cluster.stop(one);
  await cluster.pass(SECOND);
  cluster.mood = 'well';
  cluster.startNode();
  await cluster.pass(SECOND);
  expect(cluster.application.types()).toEqual(['member.removed']);
});
