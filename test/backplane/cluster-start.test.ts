/** What was given as plain addresses and turns out to be a Redis Cluster, from the start on. */
import { defaultTiming } from '../../src/backplane/timing';
import { isDoneWithin } from '../helpers/done-within';
import { SimulatedShards } from '../helpers/simulated-shards';

const SECOND = 1_000;

test('a list of addresses that turns out to be a cluster is live when the start is over, and says what it is', async () => {
  const cluster = new SimulatedShards(3);
  const node = cluster.newNode({ servers: [0, 1] });
  const states: string[] = [];
  void node.started.then(() => states.push(node.backplane.status().state));
  await cluster.pass(defaultTiming.start);
  expect(states).toEqual(['live']);
  const primaries = cluster.servers.map(({ place }) => place);
  expect(node.lines).toContainEqual({
    level: 'info',
    message: 'the Redis Cluster has told which primaries it has',
    facts: { primaries },
  });
  expect(node.lines.filter(({ facts }) => 'redis' in facts).map(({ facts }) => facts)).toContainEqual(
    expect.objectContaining({ redis: primaries[0] }),
  );
  expect(cluster.asked[0]?.places).toEqual(primaries.slice(0, 2));
  await cluster.pass(defaultTiming.expiry);
  expect(cluster.asked.at(-1)?.places).toEqual([...primaries, ...primaries.slice(0, 2)]);
});

test('a list of addresses that turns out to be a cluster is asked for its map every five seconds', async () => {
  const cluster = new SimulatedShards(3);
  for (let node = 0; node < 2; node++) cluster.newNode();
  await cluster.pass(3 * SECOND);
  const before = cluster.asked.length;
  await cluster.pass(10 * SECOND);
  expect(cluster.asked.length - before).toBe(4);
});

test('a cluster whose map takes long is not waited for for long, and not beyond a stop', async () => {
  const cluster = new SimulatedShards(3);
  cluster.mapTakes = 20 * SECOND;
  const node = cluster.newNode();
  expect(await isDoneWithin(cluster, node.started, defaultTiming.start)).toBe(false);
  expect(await isDoneWithin(cluster, node.started, 500)).toBe(true);
  void node.backplane.stop();
  expect(cluster.asked[0]?.stop.reason).toEqual(new Error('the node stops'));
  await cluster.pass(30 * SECOND);
  expect(node.process.waiting).toBe(0);
});

test('a cluster whose map nobody knows does not keep the host from starting', async () => {
  const cluster = new SimulatedShards(3);
  const node = cluster.newNode();
  await cluster.pass(15);
  for (const { network } of cluster.servers) network.kill();
  expect(await isDoneWithin(cluster, node.started, 500)).toBe(true);
  expect(node.backplane.status().state).toBe('degraded');
});
