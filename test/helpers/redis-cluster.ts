/** A real Redis Cluster of a few primaries, and a replica. */
import { freePort, RedisServer } from './redis';

const SLOTS = 16_384;
/** Milliseconds after which the servers give one of them up, and between two looks at what they know. */
const TIMEOUT = '500';
const LOOK = 20;

export class RedisCluster {
  readonly primaries: readonly RedisServer[];
  /** Of the last primary. */
  readonly replica: RedisServer;

  private constructor(primaries: readonly RedisServer[], replica: RedisServer) {
    this.primaries = primaries;
    this.replica = replica;
  }

  /**
   * Starts primaries that share the slots evenly. What is left goes on where one of them is down.
   * @param args more of redis-server's own, for all of them
   */
  static async start(program: string, count: number, ...args: string[]): Promise<RedisCluster> {
    const servers = await Promise.all(Array.from({ length: count + 1 }, () => startServer(program, args)));
    const [replica, ...primaries] = servers as [RedisServer, ...RedisServer[]];
    await Promise.all(
      primaries.map(async (server, index) => {
        const start = (part: number) => Math.ceil((part * SLOTS) / count);
        await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
        await server.command('CLUSTER', 'ADDSLOTSRANGE', String(start(index)), String(start(index + 1) - 1));
        await replica.command('CLUSTER', 'MEET', '127.0.0.1', String(server.port), String(server.busPort));
      }),
    );
    const allKnown = new RegExp(`cluster_state:ok[^]*cluster_known_nodes:${servers.length}\\b`);
    await until(async () => {
      const infos = await Promise.all(servers.map((server) => server.command('CLUSTER', 'INFO')));
      return infos.every((info) => allKnown.test(String(info)));
    });
    const last = primaries.at(-1) ?? replica;
    await replica.command('CLUSTER', 'REPLICATE', await idOf(last));
    await until(async () => /link_status:up/.test(String(await replica.command('INFO', 'replication'))));
    return new RedisCluster(primaries, replica);
  }

  /** The last primary dies, and its replica takes its place without a vote. */
  async failOver(): Promise<void> {
    await this.primaries.at(-1)?.kill();
    await this.replica.command('CLUSTER', 'FAILOVER', 'TAKEOVER');
  }

  /** Moves a slot with its keys, as `redis-cli --cluster reshard` does. */
  async moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await to.command('CLUSTER', 'SETSLOT', String(slot), 'IMPORTING', fromId);
    await from.command('CLUSTER', 'SETSLOT', String(slot), 'MIGRATING', toId);
    const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', String(slot), '100')) as string[];
    if (keys.length > 0)
      await from.command('MIGRATE', '127.0.0.1', String(to.port), '', '0', '1000', 'KEYS', ...keys);
    for (const server of [to, from]) await server.command('CLUSTER', 'SETSLOT', String(slot), 'NODE', toId);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.primaries, this.replica].map((server) => server.stop()));
  }
}

async function startServer(program: string, args: readonly string[]): Promise<RedisServer> {
  const busPort = await freePort();
  const bus = ['--cluster-port', String(busPort), '--cluster-node-timeout', TIMEOUT];
  const modes = ['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no'];
  const replica = ['--repl-diskless-sync-delay', '0', '--cluster-replica-validity-factor', '0'];
  return RedisServer.start(program, ...modes, ...bus, ...replica, ...args);
}

async function idOf(server: RedisServer): Promise<string> {
  return String(await server.command('CLUSTER', 'MYID'));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, LOOK));
}
