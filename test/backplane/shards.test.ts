import { setImmediate as turn } from 'node:timers/promises';
import { slotOfRoom } from '../../src/backplane/keys';
import { rangeOf } from '../../src/backplane/slots';
import { describeWithRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { SharingNode } from '../helpers/sharing-node';

const ROOMS = Array.from({ length: 60 }, (_, index) => `room ${index}`);

/** Which of three addresses a room is with. */
function addressOf(room: string): number {
  return [0, 1, 2].findIndex((index) => slotOfRoom(room) <= rangeOf(index, 3)[1]);
}

describeWithRedis('several plain Redis', (program) => {
  let servers: RedisServer[] = [];
  const nodes: SharingNode[] = [];

  beforeEach(async () => {
    servers = await Promise.all([1, 2, 3].map(() => RedisServer.start(program)));
  });

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(({ backplane }) => backplane.stop()));
    await Promise.all(servers.map((server) => server.stop()));
  });

  const urlOf = (...order: number[]) => order.map((index) => servers[index]?.url).join(', ');

  async function newNode(redisUrl = urlOf(0, 1, 2)): Promise<SharingNode> {
    const node = await SharingNode.start(redisUrl);
    nodes.push(node);
    return node;
  }

  /** Everybody sees these in each of the rooms. */
  const agree = (rooms: readonly string[], ...names: string[]) =>
    Promise.all(
      nodes.map((node) => node.when(() => rooms.every((room) => sameNames(node.roster(room), names)))),
    );

  test('share the rooms by slot: when one dies its rooms stay as they are, and the others go on', async () => {
    const [a, b] = [await newNode(), await newNode()];
    for (const room of ROOMS) {
      a.join(room, 'anna');
      b.join(room, 'ben');
    }
    await agree(ROOMS, 'anna', 'ben');
    for (const [index, server] of servers.entries()) {
      const keys = (await server.command('KEYS', 'shards:{[rh].*')) as string[];
      expect(keys).toHaveLength(ROOMS.filter((room) => addressOf(room) === index).length);
      expect(keys.length).toBeGreaterThan(10);
    }
    for (const node of nodes) node.expect(ROOMS);

    await servers[1]?.kill();
    const place = `127.0.0.1:${servers[1]?.port}`;
    const [status] = await Promise.all(nodes.map((node) => node.untilState('degraded')));
    expect(status?.why).toMatch(new RegExp(`^${place}: `));
    const lost = ROOMS.filter((room) => addressOf(room) === 1);
    const others = ROOMS.filter((room) => addressOf(room) !== 1);
    for (const room of ROOMS) a.join(room, 'cleo');
    await agree(others, 'anna', 'ben', 'cleo');
    for (const room of lost) expect([a.roster(room).length, b.roster(room).length]).toEqual([3, 2]);
    expect(status?.nodes).toHaveLength(2);

    await servers[1]?.start();
    await agree(ROOMS, 'anna', 'ben', 'cleo');
    await Promise.all(nodes.map((node) => node.untilState('live')));
    for (const room of ROOMS) expect(a.roster(room)).toEqual(b.roster(room));
    expect(nodes.flatMap(({ missed }) => missed)).toEqual([]);
    while (a.status.nodes.some(({ rooms }) => rooms !== ROOMS.length)) await turn();
    expect(a.status.nodes).toMatchObject([{ streams: 120 }, {}]);
  });

  test('hand the streams of a node that stops over, each in its rooms: nobody is missing, nobody changes places', async () => {
    const [a, b, c] = [await newNode(), await newNode(), await newNode()];
    for (const room of ROOMS) a.join(room, 'anna');
    for (const room of ROOMS) for (const node of [b, c]) node.join(room, node === b ? 'ben' : 'cleo');
    await agree(ROOMS, 'anna', 'ben', 'cleo');
    for (const node of [b, c]) node.expect(ROOMS);
    nodes.shift();
    const stopped = a.backplane.stop();
    for (const room of ROOMS) b.join(room, 'anna');
    await stopped;
    for (const room of ROOMS) c.join(room, 'dora');
    await agree(ROOMS, 'anna', 'ben', 'cleo', 'dora');
    expect(nodes.flatMap(({ missed }) => missed)).toEqual([]);
  });

  test('given in another order to another node, or not all of them, is noticed on both sides', async () => {
    const [a, b] = [await newNode(), await newNode(urlOf(0, 2, 1))];
    const [status] = await Promise.all([a, b].map((node) => node.untilState('degraded')));
    expect(status?.why).toMatch(
      /^127.0.0.1:\d+: node .* has 3 addresses .* \(give all nodes the same addresses/,
    );
    await b.backplane.stop();
    await a.untilState('live');
    const c = await newNode(urlOf(1));
    const [, alone] = await Promise.all([a, c].map((node) => node.untilState('degraded')));
    expect(alone?.why).toMatch(/has 3 addresses .* in REDIS_URL, and this one one address/);
  });

  test('of which one is not there at the start: the rooms of the others are shared', async () => {
    await servers[2]?.kill();
    const [a, b] = [await newNode(), await newNode()];
    const rooms = ROOMS.filter((room) => addressOf(room) !== 2);
    for (const room of ROOMS) {
      a.join(room, 'anna');
      b.join(room, 'ben');
    }
    await agree(rooms, 'anna', 'ben');
    expect(a.status).toMatchObject({
      state: 'degraded',
      why: expect.stringContaining(`:${servers[2]?.port}: `),
    });
    await servers[2]?.start();
    await agree(ROOMS, 'anna', 'ben');
  });
});

function sameNames(roster: readonly string[], names: readonly string[]): boolean {
  return roster.length === names.length && names.every((name) => roster.includes(name));
}
