import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostOptions } from '../../src/host';
import { Application, SECRET } from '../helpers/application';
import { Cluster } from '../helpers/cluster';
import { describeWith } from '../helpers/programs';
import { SeededRandom } from '../helpers/random';
import { RedisServer } from '../helpers/redis';
import type { Watcher } from '../helpers/watcher';
import { bodyOf, startWebServer } from '../helpers/web-server';

/** What a bad receiver does: it fails, sends elsewhere, hangs up though it has the event, or has it and never stops to say so. */
const BAD_ANSWERS = ['fails', 'redirects', 'hangs up', 'says too much'] as const;

function answerBadly(
  how: (typeof BAD_ANSWERS)[number],
  request: IncomingMessage,
  response: ServerResponse,
  take: () => void,
): void {
  if (how === 'fails') response.writeHead(503).end();
  if (how === 'redirects') response.writeHead(307, { location: `http://${request.headers.host}/` }).end();
  if (how === 'hangs up') {
    take();
    request.socket.resetAndDestroy();
  }
  if (how === 'says too much') {
    take();
    const more = () => response.write('x'.repeat(8_192));
    response.on('drain', more).writeHead(200);
    while (more());
  }
}

describeWith('redis-server', 'an application of nodes that share a Redis', (program) => {
  let redis: RedisServer;
  let cluster: Cluster;
  let options: HostOptions;
  let isDown: boolean;
  let application: Application;
  const random = new SeededRandom(7);

  beforeEach(async () => {
    isDown = false;
    application = new Application();
    redis = await RedisServer.start(program);
    cluster = new Cluster(redis.url);
    const { url } = await startWebServer(async (request, response) => {
      const body = await bodyOf(request);
      const take = () => application.take(request.headers, body);
      if (isDown) return answerBadly(random.pick(BAD_ANSWERS), request, response, take);
      take();
      response.writeHead(204).end();
    });
    options = { webhookUrl: url, webhookSigningSecret: SECRET };
  });

  afterEach(async () => {
    await cluster.close();
    await redis.stop();
  });

  const knows = (room: string, ...names: string[]) =>
    application.until(() => [...(application.rooms[room] ?? [])].sort().join() === names.join());

  test('hears each room from one node at a time, through stops, failures and a Redis that forgets', async () => {
    const [one, two] = [await cluster.newNode(options), await cluster.newNode(options)];
    const alice = await cluster.join(one, 'salon', 'alice');
    await knows('salon', 'alice');
    await cluster.join(two, 'salon', 'bob');
    await knows('salon', 'alice', 'bob');

    // Its node has nobody in it any more, and another one speaks for it.
    await cluster.leave(alice);
    await knows('salon', 'bob');
    await cluster.join(two, 'salon', 'carol');
    await knows('salon', 'bob', 'carol');

    // A node stops while the application is away, and others tell what it has left.
    isDown = true;
    const names = ['dave', 'erin', 'frank', 'grace'];
    const watchers = await Promise.all(
      names.map((name) => cluster.join(random.pick([one, two]), 'attic', name)),
    );
    cluster.forget(two);
    await two.close();
    const three = await cluster.newNode(options);
    await cluster.join(three, 'salon', 'bob');
    isDown = false;
    await knows('salon', 'bob');
    await Promise.all(watchers.map((watcher) => watcher.leave()));
    await application.until(() => application.rooms.attic === undefined);

    await redis.kill();
    await redis.start();
    await three.until('live');
    await cluster.join(three, 'salon', 'heidi');
    await knows('salon', 'bob', 'heidi');
    expect(application.wrong).toEqual([]);
  });

  test('knows who is where after a storm on three nodes, in which it fails at times', async () => {
    const nodes = [];
    for (let node = 0; node < 3; node++) nodes.push(await cluster.newNode(options));
    const inside: Watcher[] = [];
    for (let step = 0; step < 200; step++) {
      if (step % 50 === 25) isDown = !isDown;
      const isFull = inside.length > 30 || (inside.length > 0 && random.next() < 0.4);
      const [leaver] = isFull ? inside.splice(random.below(inside.length), 1) : [];
      if (leaver !== undefined) await cluster.leave(leaver);
      else inside.push(await cluster.join(random.pick(nodes), `room ${random.below(12)}`, `s${step}`));
    }
    isDown = false;
    const truth = () => {
      const rooms = new Set(inside.map(({ room }) => room));
      return JSON.stringify([...rooms].sort().map((room) => [room, [...cluster.truth(room)].sort()]));
    };
    const known = () =>
      JSON.stringify(
        Object.entries(application.rooms)
          .map(([room, streams]) => [room, [...streams].sort()] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    await application.until(() => known() === truth());
    expect(application.wrong).toEqual([]);
  });

  test('waits, and says so once, until Redis permits what it takes', async () => {
    const acl = (...rules: string[]) => redis.command('ACL', 'SETUSER', 'host', ...rules);
    await acl('on', '>word', '~*', '&*', '+@all', '-lpop');
    const lines: unknown[] = [];
    const ignore = () => {};
    const logger = {
      ...{ debug: ignore, info: ignore, error: ignore },
      warn: (...line: unknown[]) => lines.push(line),
    };
    const redisUrl = redis.url.replace('//', '//host:word@');
    const node = await cluster.newNode({ ...options, redisUrl, logger });
    await cluster.join(node, 'salon', 'alice');
    while (lines.length === 0) await redis.command('PING');
    expect(application.heard).toEqual([]);
    await acl('+lpop');
    await knows('salon', 'alice');
    expect(lines).toEqual([
      [
        { why: expect.any(String), remedy: expect.stringContaining('docs/cluster.md') },
        'webhooks wait: Redis knows what was told',
      ],
    ]);
  });
});
