/** The configurations that docs/cluster.md gives, run by the real programs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { Cluster } from '../helpers/cluster';
import { describeWith, type Program } from '../helpers/programs';
import { accepts, freePort, RedisServer } from '../helpers/redis';

const DOCUMENT = readFileSync(join(__dirname, '..', '..', 'docs', 'cluster.md'), 'utf8');
/** Where the document's configurations listen, and where its nodes are. */
const LISTEN = /(listen |bind :)8000/;
const NODES = ['10.0.0.1:8001', '10.0.0.2:8001'];

interface Proxy {
  readonly program: Program;
  /** The language of its code block in the document. */
  readonly language: string;
  /** What the block is a part of, where it is no whole configuration. */
  readonly whole: (block: string, folder: string) => string;
  readonly args: (file: string, folder: string) => string[];
}

const proxies: readonly Proxy[] = [
  {
    program: 'haproxy',
    language: 'haproxy',
    whole: (block) => block,
    args: (file) => ['-db', '-q', '-f', file],
  },
  {
    program: 'nginx',
    language: 'nginx',
    whole: (block, folder) =>
      `pid ${folder}/pid; error_log ${folder}/error.log; events {} http { access_log off;
       client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
       uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
       ${block} }`,
    args: (file, folder) => ['-p', folder, '-c', file, '-g', 'daemon off;'],
  },
];

describe.each(proxies)('behind $program', ({ program, language, whole, args }) => {
  describeWith('redis-server', 'with Redis', (redisProgram) => {
    describeWith(program, 'as docs/cluster.md configures it', (path) => {
      let redis: RedisServer;
      let cluster: Cluster;
      let proxy: ChildProcess | undefined;
      let folder: string;

      beforeEach(async () => {
        folder = mkdtempSync(join(tmpdir(), 'conference-proxy-'));
        redis = await RedisServer.start(redisProgram);
        cluster = new Cluster(redis.url);
      });

      afterEach(async () => {
        await cluster.close();
        await stop(proxy);
        await redis.stop();
        rmSync(folder, { recursive: true, force: true });
      });

      /**
       * Starts the proxy in front of these nodes, and returns the address that clients get.
       * @param which of the document's configurations for this proxy
       */
      async function startProxy(nodes: readonly { readonly url: string }[], which = 0): Promise<string> {
        const blocks = [...DOCUMENT.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))];
        const block = blocks[which]?.[1] ?? '';
        const port = await freePort();
        let configuration = block.replace(LISTEN, `$1${port}`);
        expect(configuration).not.toBe(block);
        for (const [index, address] of NODES.entries()) {
          expect(configuration).toContain(address);
          configuration = configuration.replace(address, new URL(nodes[index]?.url ?? '').host);
        }
        const file = join(folder, 'configuration');
        writeFileSync(file, whole(configuration, folder));
        proxy = spawn(path, args(file, folder), { stdio: 'ignore' });
        while (!(await accepts(port))) {
          if (proxy.exitCode !== null) throw new Error(`${program} does not take the configuration`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        return `ws://127.0.0.1:${port}`;
      }

      test('by room: all members of a room land on one node, however they ask, and on the other while that one drains', async () => {
        const a = await cluster.newNode({ drainTimeout: 60, trustProxy: ['loopback'] });
        const b = await cluster.newNode({ drainTimeout: 60, trustProxy: ['loopback'] });
        const url = await startProxy([a, b], 1);
        const through = { url, close: async () => {} };
        let clients = 0;
        const join = (room: number) => cluster.join(through, `room ${room}`, `client ${clients++}`);
        for (let room = 0; room < 12; room++) await Promise.all([join(room), join(room)]);
        const testbeds = await Promise.all(
          Array.from({ length: 12 }, (_, room) => joinAsTestbed(url, `room ${room}`)),
        );
        const sizes = Array.from({ length: 12 }, (_, room) =>
          [a, b].map(({ host }) => host.members(`room ${room}`).length),
        );
        for (const size of sizes) expect(size.toSorted()).toEqual([0, 3]);
        expect(new Set(sizes.map(String)).size).toBe(2);

        for (const testbed of testbeds) testbed.close();
        const onA = cluster.clientsOf(through).filter(({ room }) => a.host.members(room).length > 0);
        const closed = a.close();
        for (let room = 0; room < 12; room++) await join(room);
        expect(b.host.rooms()).toHaveLength(12);
        for (const client of onA) await cluster.leave(client);
        await closed;
        await cluster.agree();
      });

      test('clients land on both nodes and share their room; a draining or dead node gets no new ones', async () => {
        const a = await cluster.newNode({ drainTimeout: 60, trustProxy: ['loopback'] });
        const b = await cluster.newProcess({ trustProxy: ['loopback'] });
        const url = await startProxy([a, b]);
        const addresses = new Set<string>();
        a.host.events.on('joined', ({ address }) => addresses.add(address));
        const through = { url, close: async () => {} };
        let clients = 0;
        const join = () => cluster.join(through, 'room', `client ${clients++}`);
        const first = await Promise.all(Array.from({ length: 8 }, join));
        await cluster.agree();
        const onA = a.host.backplaneStatus.nodes.find(({ self }) => self)?.streams ?? 0;
        expect(onA).toBeGreaterThan(0);
        expect(onA).toBeLessThan(8);
        expect([...addresses]).toEqual(['127.0.0.1']);

        const closed = a.close();
        await Promise.all(Array.from({ length: 6 }, join));
        await cluster.agree();
        expect(a.host.backplaneStatus.nodes.find(({ self }) => self)?.streams).toBe(onA);
        await Promise.all(first.map((client) => cluster.leave(client)));
        await closed;
        await Promise.all(Array.from({ length: 6 }, join));
        await cluster.agree();
      });
    });
  });
});

/** Joins as the Testbed does whose host is given with a token. Done when the first roster has come. */
async function joinAsTestbed(url: string, room: string): Promise<WebSocket> {
  const testbed = new WebSocket(`${url}/?token=T&?room=${encodeURIComponent(room)}&streamName=testbed`);
  await once(testbed, 'message');
  return testbed;
}

/** In order, since a killed nginx leaves its workers behind. */
async function stop(proxy: ChildProcess | undefined): Promise<void> {
  if (proxy === undefined || proxy.exitCode !== null) return;
  proxy.kill('SIGTERM');
  await once(proxy, 'exit');
}
