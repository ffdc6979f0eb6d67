/** Rooms that are kept, lost, given up and come back to, over the simulated Redis. */
import type { Connect } from '../../src/backplane/connection';
import { SimulatedCluster } from '../helpers/simulated-cluster';

const SECOND = 1_000;

/** Two nodes that are live; the first can be made deaf. */
async function twoNodes() {
  const cluster = new SimulatedCluster();
  const way = { isDeaf: false };
  const wrap = (connect: Connect): Connect => {
    return (onMessage, stop) =>
      connect((channel, text) => (way.isDeaf ? undefined : onMessage(channel, text)), stop);
  };
  const [a, b] = [cluster.newNode({ wrap }), cluster.newNode()];
  await cluster.pass(3 * SECOND);
  const followed = () => [...cluster.redis.sessions].flatMap(({ channels }) => [...channels]);
  return { cluster, a, b, way, followed, ...cluster.keys.room('room') };
}

test('who comes back to a room before it is given up, and leaves again, is waited for once more', async () => {
  const { cluster, a, followed, channel } = await twoNodes();
  a.join('room', 'anna');
  await cluster.pass(SECOND);
  a.leave('room', 'anna');
  await cluster.pass(3 * SECOND);
  a.join('room', 'anna');
  await cluster.pass(20 * SECOND);
  expect(followed()).toEqual([channel]);
  a.leave('room', 'anna');
  await cluster.pass(4 * SECOND);
  expect(followed()).toEqual([channel]);
  await cluster.pass(2 * SECOND);
  expect(followed()).toEqual([]);
});

test('a key that another program takes while a room is only kept sets the room aside, and no other', async () => {
  const { cluster, a, hash } = await twoNodes();
  a.join('room', 'anna');
  await cluster.pass(2 * SECOND);
  cluster.redis.setText(hash, 'x');
  await cluster.pass(70 * SECOND);
  expect(a.lines.filter(({ level }) => level === 'error').map(({ facts }) => facts)).toEqual([
    expect.objectContaining({ key: hash }),
  ]);
  expect(a.backplane.status()).toMatchObject({ state: 'live', counts: { lost: 0 } });
  cluster.redis.deleteKey(hash);
  await cluster.pass(6 * SECOND);
  expect(Object.keys(cluster.redis.readHash(hash))).toEqual(['n0']);
});

test('who left unheard, from a room that Redis alone has lost, is given up once all have kept the room', async () => {
  const { cluster, a, b, way, hash } = await twoNodes();
  a.join('room', 'anna');
  b.join('room', 'ben');
  await cluster.pass(70 * SECOND);
  way.isDeaf = true;
  b.leave('room', 'ben');
  await cluster.pass(10 * SECOND);
  cluster.redis.deleteKey(hash);
  await cluster.pass(75 * SECOND);
  expect(Object.keys(cluster.redis.readHash(hash))).toEqual(['n0']);
  expect(a.roster('room')).toEqual(['anna', 'ben']);
  await cluster.pass(15 * 60 * SECOND);
  expect(a.roster('room')).toEqual(['anna']);
});
