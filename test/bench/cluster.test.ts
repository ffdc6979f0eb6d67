import { join } from 'node:path';
import { Cluster, obstacleTo } from '../../bench/cluster';
import type { Contestant } from '../../bench/contestants';
import { Crowd } from '../../bench/load/crowd';
import { bare } from '../../bench/load/dialect';
import { fillRooms } from '../../bench/load/rooms';
import { visit } from '../../bench/load/visits';
import { describeWith } from '../helpers/programs';

/** The compiled host, as the benchmark runs it. */
const host: Contestant = {
  name: 'host',
  script: join(__dirname, '..', '..', 'dist', 'main.js'),
  env: { LOG_LEVEL: 'silent' },
  dialect: bare,
};

describeWith('redis-server', 'the nodes of a round', () => {
  test('share their rooms, and their Redis is metered beside them', async () => {
    const cluster = await Cluster.start(host, { nodes: 2 });
    const ports = cluster.nodes.map(({ port }) => port);
    const crowd = new Crowd(ports, bare);
    try {
      const [room] = await fillRooms(crowd, 1, 3);
      const before = cluster.cpuSeconds;
      const redisBefore = cluster.redisCpuSeconds;
      if (room === undefined) throw new Error('no room was filled');
      await visit(crowd, room);
      expect(new Set(room.participants.map(({ port }) => port))).toEqual(new Set(ports));
      cluster.cpuSeconds.map((seconds, node) => expect(seconds).toBeGreaterThan(before[node] ?? Infinity));
      expect(cluster.redisCpuSeconds).toBeGreaterThan(redisBefore);
    } finally {
      await cluster.stop();
      await crowd.disperse();
    }
  });

  test('are gone when it is over', async () => {
    const cluster = await Cluster.start(host, { nodes: 2 });
    await cluster.stop();
    for (const { port } of cluster.nodes) {
      await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
    }
    expect(() => cluster.redisCpuSeconds).toThrow('ENOENT');
  });
});

describe('without redis-server', () => {
  const { PATH } = process.env;

  beforeEach(() => {
    process.env.PATH = __dirname;
  });
  afterEach(() => {
    process.env.PATH = PATH;
  });

  test('several nodes cannot be started, and it is said what to install', () => {
    expect(obstacleTo({ nodes: 2 })).toContain('apt-get install redis-server');
  });

  test('a single node can', async () => {
    expect(obstacleTo({})).toBeUndefined();
    const cluster = await Cluster.start(host, {});
    expect(cluster.redisCpuSeconds).toBe(0);
    await cluster.stop();
  });
});
