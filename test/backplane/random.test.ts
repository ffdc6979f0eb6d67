import type { Connect } from '../../src/backplane/connection';
import { Cluster, type ClusterNode, type NodeProcess } from '../helpers/cluster';
import { describeWith } from '../helpers/programs';
import { SeededRandom } from '../helpers/random';
import { RedisServer } from '../helpers/redis';
import { rereadingTiming } from '../helpers/timing';
import type { Watcher } from '../helpers/watcher';

const STEPS = 240;
const ROOMS = ['room', 'another', '}x', 'é'];

describeWith('redis-server', 'anything at any time, then quiet', (program) => {
  let cleanUp: () => Promise<unknown>;

  afterEach(() => cleanUp());

  test.each([1, 2])('every client sees who is there (seed %i)', async (seed) => {
    const random = new SeededRandom(seed);
    const redis = await RedisServer.start(program);
    const cluster = new Cluster(redis.url, rereadingTiming);
    cleanUp = () => Promise.all([cluster.close(), redis.stop()]);
    let isLosing = true;
    const lose = (connect: Connect): Connect => {
      return (onMessage, stop) =>
        connect((channel, text) => {
          if (!isLosing || random.next() > 0.2) onMessage(channel, text);
        }, stop);
    };
    const newNode = () => cluster.newNode({}, { wrap: lose });
    const nodes: ClusterNode[] = [await newNode(), await newNode()];
    let mortal: NodeProcess = await cluster.newProcess();
    const clients: Watcher[] = [];

    const join = async () => {
      const node = random.pick([...nodes, mortal]);
      clients.push(await cluster.join(node, random.pick(ROOMS), `client ${random.below(30)}`));
    };
    const leave = async () => {
      const [client] = clients.splice(random.below(clients.length), 1);
      if (client !== undefined) await cluster.leave(client);
    };
    const kill = async () => {
      const theirs = new Set(cluster.clientsOf(mortal));
      clients.splice(0, clients.length, ...clients.filter((client) => !theirs.has(client)));
      await cluster.kill(mortal);
      mortal = await cluster.newProcess();
    };
    const replace = async () => {
      const [old] = nodes.splice(0, 1);
      nodes.push(await newNode());
      if (old === undefined) return;
      const theirs = new Set(cluster.forget(old));
      clients.splice(0, clients.length, ...clients.filter((client) => !theirs.has(client)));
      await old.close();
    };

    for (let step = 0; step < STEPS; step++) {
      if (step === STEPS / 2) await redis.kill();
      else if (step === STEPS / 2 + 30) await redis.start();
      else if (step % 100 === 99) await kill();
      else if (step % 110 === 109) await replace();
      else if (clients.length > 0 && random.next() < 0.45) await leave();
      else await join();
    }
    isLosing = false;
    for (const room of ROOMS) await cluster.join(random.pick(nodes), room, 'the last one');
    await cluster.agree();
  });
});
