/** Rooms that nodes share, as clients hear them that speak `conference.2`, and observers. */
import { AskingClient } from '../helpers/asking-client';
import { Cluster, type LocalNode } from '../helpers/cluster';
import { joinTarget } from '../helpers/join-target';
import { describeWith } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';

describeWith('redis-server', 'nodes whose clients speak conference.2', (program) => {
  let redis: RedisServer;
  let cluster: Cluster;

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  beforeEach(() => {
    cluster = new Cluster(redis.url);
  });

  afterEach(() => cluster.close());
  afterAll(() => redis.stop());

  const ask = ({ url }: LocalNode, room: string, name: string, more = '') =>
    new AskingClient(`${url}${joinTarget(room, name)}${more}`);

  test('tell them what changes on the others', async () => {
    const [a, b] = await Promise.all([cluster.newNode(), cluster.newNode()]);
    const anna = ask(a, 'room', 'anna');
    await anna.untilListed('anna');
    const ben = ask(b, 'room', 'ben');
    await anna.untilListed('anna', 'ben');
    await ben.untilListed('anna', 'ben');
    await ben.leave();
    expect(await anna.frame()).toMatchObject({ type: 'changes', left: ['ben'] });
    await anna.leave();
  });

  test('tell observers who is on the others, though nobody of their own is in the room', async () => {
    const [a, b] = await Promise.all([cluster.newNode(), cluster.newNode()]);
    const anna = ask(a, 'watched', 'anna');
    await anna.untilListed('anna');
    const observer = ask(b, 'watched', 'nobody', '&observe=1');
    await observer.untilListed('anna');
    const ben = ask(a, 'watched', 'ben');
    await observer.untilListed('anna', 'ben');
    await ben.untilListed('anna', 'ben');
    expect(anna.unread().join()).not.toContain('nobody');
    await Promise.all([anna.leave(), ben.leave()]);
    await observer.untilListed();
    await observer.leave();
  });

  test('tell metadata to those of the same node', async () => {
    const [a, b] = await Promise.all([cluster.newNode(), cluster.newNode()]);
    const anna = ask(a, 'noted', 'anna', '&tell=metadata&metadata=%7B%22seat%22:1%7D');
    expect((await anna.frame()).metadata).toEqual({ anna: { seat: 1 } });
    const ben = ask(b, 'noted', 'ben', '&tell=metadata');
    await ben.untilListed('anna', 'ben');
    await anna.untilListed('anna', 'ben');
    anna.ask({ type: 'metadata', metadata: { seat: 2 } });
    expect((await anna.frame()).metadata).toEqual({ anna: { seat: 2 } });
    await Promise.all([anna.leave(), ben.leave()]);
  });
});
