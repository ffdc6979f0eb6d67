import { EventEmitter } from 'node:events';
import { createBackplane } from '../../src/backplane/create';
import { systemClock } from '../../src/clock';
import type { Backplane } from '../../src/conference/backplane';
import type { BackplaneEvents } from '../../src/conference/backplane-status';
import { silentLogger } from '../../src/logging/events';
import { ContractNode } from '../contract/backplane';
import { describeWithEachRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming } from '../helpers/timing';

const ROOMS = Array.from({ length: 2_000 }, (_, index) => `room ${index}`);

describeWithEachRedis('two nodes with 2,000 rooms', (program) => {
  let redis: RedisServer;
  const started: Backplane[] = [];

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  afterAll(async () => {
    await Promise.all(started.map((backplane) => backplane.stop()));
    await redis.stop();
  });

  async function newNode() {
    const events = new EventEmitter<BackplaneEvents>();
    const settings = { redisUrl: redis.url, redisPrefix: 'many', handoverGrace: 0 };
    const surroundings = { clock: systemClock, logger: silentLogger, events };
    const backplane = createBackplane(settings, surroundings, { timing: quickTiming });
    started.push(backplane);
    const node = await new ContractNode(backplane).start();
    const untilDegraded = async () => {
      while (backplane.status().state !== 'degraded') {
        await new Promise((resolve) => events.once('state', resolve));
      }
    };
    return { node, untilDegraded };
  }

  test('agree again in all of them after Redis was killed and came back empty', async () => {
    const [a, b] = [await newNode(), await newNode()];
    for (const room of ROOMS) {
      a.node.join(room, 'anna', 'arno');
      b.node.join(room, 'ben');
    }
    const all = (...names: string[]) =>
      Promise.all(
        [a, b].map(({ node }) =>
          node.when(() =>
            ROOMS.every((room) => JSON.stringify(node.roster(room).toSorted()) === JSON.stringify(names)),
          ),
        ),
      );
    await all('anna', 'arno', 'ben');
    await redis.kill();
    await Promise.all([a.untilDegraded(), b.untilDegraded()]);
    for (const room of ROOMS) {
      a.node.leave(room, 'arno');
      b.node.join(room, 'bella');
    }
    await redis.start();
    await all('anna', 'bella', 'ben');
    for (const room of ROOMS) expect(a.node.roster(room)).toEqual(b.node.roster(room));
    for (const room of ROOMS) b.node.join(room, 'cleo');
    await all('anna', 'bella', 'ben', 'cleo');
  });
});
