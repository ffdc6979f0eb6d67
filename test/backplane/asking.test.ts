/** Rooms that nodes share, as clients hear them that speak `conference.2`, and observers. */
import type { Connect } from '../../src/backplane/connection';
import { AskingClient, type Frame } from '../helpers/asking-client';
import { Cluster, type LocalNode } from '../helpers/cluster';
import { Gate } from '../helpers/gate';
import { joinTarget } from '../helpers/join-target';
import { describeWith } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { rereadingTiming } from '../helpers/timing';

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

  const noted = (seat: number) => `&tell=metadata&metadata=${encodeURIComponent(JSON.stringify({ seat }))}`;

  /** Reads frames until one tells this of a stream. */
  async function untilTold(client: AskingClient, name: string, metadata: unknown): Promise<Frame> {
    for (;;) {
      const frame = await client.frame();
      const told = frame.metadata?.[name];
      if (told !== undefined && JSON.stringify(told) === JSON.stringify(metadata)) return frame;
    }
  }

  test('tell metadata to those on other nodes who ask for it: what was there, what comes, and what changes', async () => {
    const [a, b] = await Promise.all([cluster.newNode(), cluster.newNode()]);
    const anna = ask(a, 'noted', 'anna', noted(1));
    await anna.untilListed('anna');
    const ben = ask(b, 'noted', 'ben', noted(2));
    await Promise.all([untilTold(ben, 'anna', { seat: 1 }), untilTold(anna, 'ben', { seat: 2 })]);
    const cleo = ask(a, 'noted', 'cleo', noted(3));
    await untilTold(ben, 'cleo', { seat: 3 });
    anna.ask({ type: 'metadata', metadata: { seat: 4 } });
    await untilTold(ben, 'anna', { seat: 4 });
    anna.ask({ type: 'metadata', metadata: {} });
    await untilTold(ben, 'anna', null);
    await Promise.all([anna.leave(), ben.leave(), cleo.leave()]);
  });

  test('tell the last word of two sockets on two nodes that hold one stream', async () => {
    const [a, b] = await Promise.all([cluster.newNode(), cluster.newNode()]);
    const first = ask(a, 'twice', 'anna', noted(1));
    await untilTold(first, 'anna', { seat: 1 });
    const second = ask(b, 'twice', 'anna', noted(2));
    await untilTold(first, 'anna', { seat: 2 });
    first.ask({ type: 'metadata', metadata: { seat: 3 } });
    await untilTold(second, 'anna', { seat: 3 });
    await Promise.all([first.leave(), second.leave()]);
  });

  test('put right what a message has not told', async () => {
    let losing = 0;
    const lose = (connect: Connect): Connect => {
      return (onMessage, stop) =>
        connect((channel, text) => {
          if (losing > 0 && channel.includes('{notes}') && text.includes('seat')) losing--;
          else onMessage(channel, text);
        }, stop);
    };
    const a = await cluster.newNode();
    const b = await cluster.newNode({}, { timing: { ...rereadingTiming, reread: 300 }, wrap: lose });
    const anna = ask(a, 'lost', 'anna', noted(1));
    const ben = ask(b, 'lost', 'ben', '&tell=metadata');
    await untilTold(ben, 'anna', { seat: 1 });
    // An answer to an earlier question may be on its way still.
    losing = 2;
    anna.ask({ type: 'metadata', metadata: { seat: 2 } });
    await untilTold(ben, 'anna', { seat: 2 });
    expect(losing).toBe(0);
    await Promise.all([anna.leave(), ben.leave()]);
  });

  test('forget the metadata of a node that is gone with its streams', async () => {
    const gate = new Gate();
    const a = await cluster.newNode({}, { wrap: gate.wrap });
    const b = await cluster.newNode();
    const anna = ask(a, 'gone', 'anna', noted(1));
    const ben = ask(b, 'gone', 'ben', '&tell=metadata');
    await untilTold(ben, 'anna', { seat: 1 });
    gate.shut();
    await ben.untilListed('ben');
    const another = ask(b, 'gone', 'anna', '&tell=metadata');
    expect(await another.frame()).toMatchObject({ streams: ['ben', 'anna'] });
    ben.ask({ type: 'roster' });
    expect((await ben.frameOf('roster')).metadata).toBeUndefined();
    await Promise.all([anna.leave(), ben.leave(), another.leave()]);
  });

  test('send those who do not ask for metadata nothing more because of it', async () => {
    const [a, b] = await Promise.all([cluster.newNode(), cluster.newNode()]);
    const anna = ask(a, 'plain', 'anna', noted(1));
    await anna.untilListed('anna');
    const plain = new AskingClient(`${b.url}${joinTarget('plain', 'ben')}`, []);
    expect(await plain.nextFrame()).toBe('{"room":"plain","streams":["anna","ben"]}');
    const silent = ask(b, 'plain', 'cleo');
    await silent.untilListed('anna', 'ben', 'cleo');
    const dora = ask(b, 'plain', 'dora', '&tell=metadata');
    await untilTold(dora, 'anna', { seat: 1 });
    anna.ask({ type: 'metadata', metadata: { seat: 2 } });
    await untilTold(dora, 'anna', { seat: 2 });
    await dora.leave();
    await silent.untilListed('anna', 'ben', 'cleo', 'dora');
    await silent.untilListed('anna', 'ben', 'cleo');
    const lists = ['cleo', 'cleo,dora', 'cleo'].map((names) => ['anna', 'ben', ...names.split(',')]);
    for (const streams of lists)
      expect(await plain.nextFrame()).toBe(JSON.stringify({ room: 'plain', streams }));
    expect([...plain.unread(), ...silent.unread()]).toEqual([]);
    await Promise.all([anna.leave(), plain.leave(), silent.leave()]);
  });
});
