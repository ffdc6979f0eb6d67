/** A real Redis Cluster of a few primaries, and of replicas where a test wants them. */
import { freePort, RedisServer } from './redis';

const SLOTS = 16_384;
/** Milliseconds after which the servers give one of them up, and between two looks at what they know. */
const TIMEOUT = '500';
const LOOK = 20;

export class RedisCluster {
  readonly primaries: readonly RedisServer[];
  readonly #servers: RedisServer[];
  readonly #program: string;

  private constructor(program: string, primaries: readonly RedisServer[]) {
    this.#program = program;
    this.primaries = primaries;
    this.#servers = [...primaries];
  }

  /** Starts primaries that share the slots evenly. What is left goes on where one of them is down. */
  static async start(program: string, count: number): Promise<RedisCluster> {
    const primaries = await Promise.all(Array.from({ length: count }, () => startServer(program)));
    const cluster = new RedisCluster(program, primaries);
    await Promise.all(
      primaries.map(async (server, index) => {
        const start = (part: number) => Math.ceil((part * SLOTS) / count);
        await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
        await server.command('CLUSTER', 'ADDSLOTSRANGE', String(start(index)), String(start(index + 1) - 1));
      }),
    );
    for (const server of primaries.slice(1)) await cluster.#meet(server);
    await cluster.#untilAllKnow(count);
    return cluster;
  }

  /** Done when it has the data of the primary. */
  async addReplica(of: RedisServer): Promise<RedisServer> {
    const replica = await startServer(this.#program);
    this.#servers.push(replica);
    await this.#meet(replica);
    await this.#untilAllKnow(this.#servers.length);
    await replica.command('CLUSTER', 'REPLICATE', await idOf(of));
    await until(async () => /master_link_status:up/.test(String(await replica.command('INFO', 'replication'))));
    await until(async () => /slave/.test(String(await of.command('CLUSTER', 'NODES'))));
    return replica;
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
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async #meet(server: RedisServer): Promise<void> {
    const [first] = this.primaries;
    await server.command('CLUSTER', 'MEET', '127.0.0.1', String(first?.port), String(first?.busPort));
  }

  async #untilAllKnow(count: number): Promise<void> {
    const wanted = new RegExp(`cluster_state:ok[^]*cluster_known_nodes:${count}\\b`);
    await until(async () => {
      const infos = await Promise.all(this.#servers.map((server) => server.command('CLUSTER', 'INFO')));
      return infos.every((info) => wanted.test(String(info)));
    });
  }
}

async function startServer(program: string): Promise<RedisServer> {
  const busPort = await freePort();
  const bus = ['--cluster-port', String(busPort), '--cluster-node-timeout', TIMEOUT];
  const modes = ['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no'];
  const replica = ['--repl-diskless-sync-delay', '0', '--cluster-replica-validity-factor', '0'];
  return RedisServer.start(program, ...modes, ...bus, ...replica);
}

async function idOf(server: RedisServer): Promise<string> {
  return String(await server.command('CLUSTER', 'MYID'));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, LOOK));
}
