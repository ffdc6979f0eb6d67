import { HookedCluster, type Mood } from '../helpers/hooked-cluster';
import { SeededRandom } from '../helpers/random';

const MOODS: readonly Mood[] = ['well', 'well', 'failing', 'lost', 'slow', 'moody'];
const NAMES = ['a', 'b', 'c', 'd'];
const SEEDS = (process.env.SEEDS ?? '1,2,51').split(',').map(Number);

const churn = (cluster: HookedCluster, random: SeededRandom, rooms: number) => {
  const [node, room, name] = [random.pick(cluster.awake), `r${random.below(rooms)}`, random.pick(NAMES)];
  if (random.next() < 0.5) cluster.join(node, room, name);
  else cluster.leave(node, room, name);
};

test.each(SEEDS)('whatever an application does, in the end it knows the truth (seed %i)', async (seed) => {
  const random = new SeededRandom(seed);
  const cluster = new HookedCluster(random);
  cluster.startNode(true);
  for (let step = 0; step < 300; step++) {
    if (random.next() < 0.1) cluster.mood = random.pick(MOODS);
    churn(cluster, random, 8);
    await cluster.pass(random.pick([0, 20, 200, 2_000]));
  }
  cluster.mood = 'well';
  await cluster.pass(60_000);
  expect(cluster.application.rooms).toEqual(cluster.truth);
  expect(cluster.application.wrong).toEqual([]);
});

test.each(SEEDS)('and whatever becomes of the nodes (seed %i)', async (seed) => {
  const random = new SeededRandom(seed);
  const cluster = new HookedCluster(random);
  for (let node = 0; node < 3; node++) cluster.startNode();
  for (let step = 0; step < 300; step++) {
    if (random.next() < 0.1) cluster.mood = random.pick(MOODS);
    if (random.next() < 0.02) {
      const node = random.pick(cluster.awake);
      if (random.next() < 0.5) cluster.kill(node);
      else cluster.stop(node);
      cluster.startNode();
    }
    if (random.next() < 0.02) {
      const { ledger } = random.pick(cluster.nodes);
      ledger?.cut();
      cluster.clock.schedule(
        () => cluster.nodes.some((node) => node.ledger === ledger) && ledger?.link(),
        random.below(6_000),
      );
    }
    if (random.next() < 0.01 && cluster.awake.length > 1)
      cluster.suspend(random.pick(cluster.awake), random.pick([3_000, 12_000, 25_000]));
    churn(cluster, random, 8);
    await cluster.pass(random.pick([0, 20, 200, 2_000]));
  }
  cluster.mood = 'well';
  await cluster.pass(90_000);
  expect(cluster.application.rooms).toEqual(cluster.truth);
  expect(cluster.application.wrong).toEqual([]);
});
