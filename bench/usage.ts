/** What a piece of work took: of the servers, of the clock, and of the generator that loads them. */
import type { Cluster } from './cluster';

export interface Usage {
  /** Seconds of the server's CPU time, user and system; of all nodes together where there are several. */
  readonly cpu: number;
  /** Seconds of CPU time of the node that was busiest. */
  readonly busiestCpu: number;
  /** Seconds of CPU time of the Redis between them; 0 where there is none. */
  readonly redisCpu: number;
  /** Bytes that this Redis has sent and received. */
  readonly redisBytes: number;
  /** Seconds. */
  readonly wall: number;
  /** Seconds of the generator's own CPU time. */
  readonly generatorCpu: number;
}

/** The share of the wall clock from which on a process counts as busy. */
const BUSY = 0.9;

export async function use(cluster: Cluster, work: () => Promise<void>): Promise<Usage> {
  const serverBefore = cluster.cpuSeconds;
  const bytesBefore = await cluster.redisBytes();
  const redisBefore = cluster.redisCpuSeconds;
  const generatorBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wall = (performance.now() - startedAt) / 1000;
  const cpus = cluster.cpuSeconds.map((seconds, node) => seconds - (serverBefore[node] ?? 0));
  const cpu = cpus.reduce((sum, one) => sum + one, 0);
  const redisCpu = cluster.redisCpuSeconds - redisBefore;
  const { user, system } = process.cpuUsage(generatorBefore);
  const redisBytes = (await cluster.redisBytes()) - bytesBefore;
  const generatorCpu = (user + system) / 1e6;
  return { cpu, busiestCpu: Math.max(...cpus), redisCpu, redisBytes, wall, generatorCpu };
}

/** Whether the servers had to wait for the generator: their CPU time is right then, the wall clock is not. */
export function heldUpByGenerator({ busiestCpu, wall, generatorCpu }: Usage): boolean {
  return generatorCpu > BUSY * wall && busiestCpu < BUSY * wall;
}
