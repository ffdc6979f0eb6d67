import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { HookedCluster } from '../helpers/hooked-cluster';
import { SeededRandom } from '../helpers/random';

const ROOMS = 1_000;
const MEGABYTE = 2 ** 20;
/** Nodes of the runs: three take longer, and are one run of many (`NODES=1,3`). */
const NODES = (process.env.NODES ?? '1').split(',').map(Number);

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test.each(NODES)(
  'ten minutes of churn in 1,000 rooms on %i nodes while the application is away',
  async (count) => {
    const random = new SeededRandom(11);
    const cluster = new HookedCluster(random);
    const nodes = Array.from({ length: count }, () => cluster.startNode(count === 1));
    const churn = (changes: number) => {
      for (let change = 0; change < changes; change++) {
        const [room, name] = [`room ${random.below(ROOMS)}`, `stream ${random.below(6)}`];
        const node = random.pick(nodes);
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
    const grown = (process.memoryUsage().heapUsed - before) / count / MEGABYTE;
    expect(grown).toBeLessThan(10);
    const statuses = () => nodes.map(({ webhooks }) => webhooks.status());
    for (const { rooms, state } of statuses())
      expect({ state, isBounded: rooms <= ROOMS }).toEqual({ state: 'away', isBounded: true });

    cluster.mood = 'well';
    await cluster.pass(60_000);
    expect(cluster.application.rooms).toEqual(cluster.truth);
    expect(cluster.application.wrong).toEqual([]);
    for (const status of statuses()) expect(status).toMatchObject({ rooms: 0, state: 'ready' });
  },
);
