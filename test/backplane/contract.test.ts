import { EventEmitter } from 'node:events';
import { createBackplane } from '../../src/backplane/create';
import { systemClock } from '../../src/clock';
import { type Backplane, singleNode } from '../../src/conference/backplane';
import type { BackplaneEvents } from '../../src/conference/backplane-status';
import { silentLogger } from '../../src/logging/events';
import { ContractNode, sharedContract, singleNodeContract } from '../contract/backplane';
import { MemoryCluster } from '../helpers/memory-backplane';
import { describeWithEachRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';
import { quickTiming } from '../helpers/timing';

const started: Backplane[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((backplane) => backplane.stop()));
});

function starting(newBackplane: () => Backplane): () => Promise<ContractNode> {
  return () => {
    const backplane = newBackplane();
    started.push(backplane);
    return new ContractNode(backplane).start();
  };
}

describe('the no-op', () => {
  singleNodeContract(starting(() => singleNode));
});

describe('nodes in one process', () => {
  let cluster = new MemoryCluster();
  const newNode = starting(() => cluster.newNode());

  beforeEach(() => {
    cluster = new MemoryCluster();
  });

  singleNodeContract(newNode);
  sharedContract(newNode);
});

describeWithEachRedis('nodes over Redis', (program) => {
  let redis: RedisServer;
  let run = 0;

  beforeAll(async () => {
    redis = await RedisServer.start(program);
  });

  afterAll(() => redis.stop());

  beforeEach(() => {
    run++;
  });

  const newNode = starting(() => {
    const settings = { redisUrl: redis.url, redisPrefix: `run-${run}`, handoverGrace: 0 };
    const surroundings = {
      clock: systemClock,
      logger: silentLogger,
      events: new EventEmitter<BackplaneEvents>(),
    };
    return createBackplane(settings, surroundings, { timing: quickTiming });
  });

  singleNodeContract(newNode);
  sharedContract(newNode);
});
