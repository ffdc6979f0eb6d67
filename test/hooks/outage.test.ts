import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HookedCluster } from '../helpers/hooked-cluster';
import { SeededRandom } from '../helpers/random';

const ROOMS = 1_000;
const MEGABYTE = 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('ten minutes of churn in 1,000 rooms while the application is away', async () => {
  const random = new SeededRandom(11);
  const cluster = new HookedCluster(random);
  const node = cluster.startNode(true);
  const churn = (changes: number) => {
    for (let change = 0; change < changes; change++) {
      const [room, name] = [`room ${random.below(ROOMS)}`, `stream ${random.below(6)}`];
      if (random.next() < 0.5) cluster.join(node, room, name);
      else cluster.leave(node, room, name);
    }
  };
  churn(5_000);
  await cluster.pass(30_000);
  expect(cluster.application.rooms).toEqual(cluster.truth);

  cluster.mood = 'failing';
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let second = 0; second < 600; second++) {
    churn(100);
    await cluster.pass(1_000);
  }
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10 * MEGABYTE);
  const { rooms, state } = node.webhooks.status();
  expect({ state, isBounded: rooms <= ROOMS }).toEqual({ state: 'away', isBounded: true });

  cluster.mood = 'well';
  await cluster.pass(60_000);
  expect(cluster.application.rooms).toEqual(cluster.truth);
  expect(cluster.application.wrong).toEqual([]);
  expect(node.webhooks.status()).toMatchObject({ rooms: 0, state: 'ready' });
});
