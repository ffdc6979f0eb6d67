/** Nodes as processes of their own: killed, frozen, replaced. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cluster } from '../helpers/cluster';
import { HostProcess } from '../helpers/process';
import { describeWith } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';

describeWith('redis-server', 'nodes as processes', (program) => {
  let redis: RedisServer;
  let cluster: Cluster;

  beforeEach(async () => {
    redis = await RedisServer.start(program);
    cluster = new Cluster(redis.url);
  });

  afterEach(async () => {
    await cluster.close();
    await redis.stop();
  });

  test('a node is killed: its streams go, those of others stay, and a new node is told no ghosts', async () => {
    const [a, b] = await Promise.all([cluster.newProcess(), cluster.newProcess()]);
    await cluster.join(a, 'room', 'anna');
    await cluster.join(b, 'room', 'ben');
    await cluster.join(a, 'room', 'both');
    await cluster.join(b, 'room', 'both');
    await cluster.join(a, 'deserted', 'cleo');
    await cluster.agree();
    await cluster.kill(a);
    cluster.expectAll();
    await cluster.agree();
    expect(cluster.missed).toEqual([]);
    const c = await cluster.newProcess();
    await cluster.join(c, 'deserted', 'dora');
    await cluster.join(c, 'room', 'emil');
    await cluster.agree();
  });

  test('a node is frozen for longer than it is waited for, and wakes', async () => {
    const [a, b] = await Promise.all([cluster.newProcess(), cluster.newProcess()]);
    await cluster.join(a, 'room', 'anna');
    const ben = await cluster.join(b, 'room', 'ben');
    await cluster.agree();
    a.child.kill('SIGSTOP');
    const frozen = cluster.forget(a);
    await cluster.join(b, 'room', 'cleo');
    await cluster.leave(ben);
    await cluster.agree();
    a.child.kill('SIGCONT');
    cluster.remember(a, frozen);
    await cluster.agree();
  });

  test('two nodes are replaced one after the other, while clients join: nobody is ever missing', async () => {
    const observed = await cluster.newProcess();
    await cluster.join(observed, 'room', 'observer');
    let [old, other] = [
      await cluster.newProcess({ drainTimeout: 60 }),
      await cluster.newProcess({ drainTimeout: 60 }),
    ];
    let clients = 0;
    const joinAt = (node: typeof old) => cluster.join(node, 'room', `client ${clients++}`);
    for (let i = 0; i < 4; i++) await Promise.all([joinAt(old), joinAt(other)]);
    for (let replaced = 0; replaced < 2; replaced++) {
      const fresh = await cluster.newProcess({ drainTimeout: 60 });
      await cluster.agree();
      cluster.expectAll();
      const closed = old.close();
      await Promise.all([joinAt(fresh), joinAt(other), joinAt(fresh)]);
      await cluster.agree();
      for (const watcher of cluster.clientsOf(old)) {
        cluster.expectNoMore(watcher.name);
        await Promise.all([joinAt(fresh), cluster.leave(watcher)]);
      }
      await closed;
      await cluster.agree();
      expect(cluster.missed).toEqual([]);
      [old, other] = [other, fresh];
    }
    expect(cluster.truth('room').size).toBe(1 + 8 + 2 * 3);
  });

  test('SIGTERM tells the other nodes of each member that is sent away', async () => {
    const env = { REDIS_URL: redis.url, REDIS_PREFIX: 'main' };
    const [a, b] = await Promise.all([HostProcess.listening(env), HostProcess.listening(env)]);
    const nodeAt = ({ port }: { port: number }) => ({
      url: `ws://127.0.0.1:${port}`,
      close: async () => {},
    });
    const [atA, atB] = [nodeAt(a), nodeAt(b)];
    await cluster.join(atB, 'room', 'ben');
    for (let i = 0; i < 20; i++) await cluster.join(atA, 'room', `client ${i}`);
    await cluster.agree();
    const clients = cluster.forget(atA);
    a.kill('SIGTERM');
    expect(await Promise.all(clients.map((client) => client.closed()))).toEqual(clients.map(() => 1001));
    await cluster.agree();
    expect(await a.exit).toMatchObject({ code: 0 });
  });
});

describe('without REDIS_URL', () => {
  test('the client library is not loaded', async () => {
    const program = `
      const { createConferenceHost } = require(process.argv[1]);
      const host = createConferenceHost({ port: 0, host: '127.0.0.1' });
      host.start().then(async () => {
        const state = host.backplaneStatus.state;
        await host.close();
        console.log(state, Object.keys(require.cache).filter((path) => path.includes('@redis')).length);
      });`;
    const module = join(__dirname, '..', '..', 'dist', 'index.js');
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program, module]);
    expect(stdout).toBe('alone 0\n');
  });
});
