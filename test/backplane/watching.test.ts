/** Rooms in which a node has observers only. */
import { defaultTiming } from '../../src/backplane/timing';
import { SimulatedCluster } from '../helpers/simulated-cluster';

const LONG = 2 * defaultTiming.linger + 5_000;

async function twoNodes() {
  const cluster = new SimulatedCluster();
  const [a, b] = [cluster.newNode(), cluster.newNode()];
  await cluster.pass(1_000);
  return { cluster, a, b };
}

describe('a room that is only watched on a node', () => {
  test('is followed for as long as somebody watches', async () => {
    const { cluster, a, b } = await twoNodes();
    a.join('room', 'anna');
    b.backplane.watch('room');
    await cluster.pass(LONG);
    a.join('room', 'ben');
    await cluster.pass(1_000);
    expect(b.roster('room')).toEqual(['anna', 'ben']);
  });

  test('is given up some time after nobody does', async () => {
    const { cluster, a, b } = await twoNodes();
    a.join('room', 'anna');
    b.backplane.watch('room');
    await cluster.pass(1_000);
    b.backplane.unwatch('room');
    await cluster.pass(LONG);
    expect(b.roster('room')).toEqual([]);
  });

  test('is kept where its last stream leaves, and given up with its last watcher', async () => {
    const { cluster, a, b } = await twoNodes();
    a.join('room', 'anna');
    b.join('room', 'ben');
    b.backplane.watch('room');
    await cluster.pass(1_000);
    b.leave('room', 'ben');
    await cluster.pass(LONG);
    a.join('room', 'cleo');
    await cluster.pass(1_000);
    expect(b.roster('room')).toEqual(['anna', 'cleo']);
    b.backplane.unwatch('room');
    await cluster.pass(LONG);
    expect(b.roster('room')).toEqual([]);
  });

  test('is watched again before it is given up', async () => {
    const { cluster, a, b } = await twoNodes();
    a.join('room', 'anna');
    b.backplane.watch('room');
    await cluster.pass(1_000);
    b.backplane.unwatch('room');
    await cluster.pass(1_000);
    b.backplane.watch('room');
    await cluster.pass(LONG);
    expect(b.roster('room')).toEqual(['anna']);
  });

  test('is given up where its watcher was gone before it was read', async () => {
    const { cluster, a, b } = await twoNodes();
    a.join('room', 'anna');
    b.backplane.watch('room');
    b.backplane.unwatch('room');
    await cluster.pass(LONG);
    expect(b.roster('room')).toEqual([]);
  });
});
