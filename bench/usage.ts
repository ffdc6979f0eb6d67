/** What a piece of work took: of the server, of the clock, and of the generator that loads it. */
import type { ServerProcess } from './server-process';

export interface Usage {
  /** Seconds of the server's CPU time, user and system. */
  readonly cpu: number;
  /** Seconds. */
  readonly wall: number;
  /** Seconds of the generator's own CPU time. */
  readonly generatorCpu: number;
  /** Bytes by which the server's resident memory grew, and by which its peak did. */
  readonly growth: number;
}

/** The share of the wall clock from which on a process counts as busy. */
const BUSY = 0.9;

export async function use(server: ServerProcess, work: () => Promise<void>): Promise<Usage> {
  const memoryBefore = server.residentBytes.now;
  const serverBefore = server.cpuSeconds;
  const generatorBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wall = (performance.now() - startedAt) / 1000;
  const cpu = server.cpuSeconds - serverBefore;
  const { user, system } = process.cpuUsage(generatorBefore);
  const growth = server.residentBytes.now - memoryBefore;
  return { cpu, wall, generatorCpu: (user + system) / 1e6, growth };
}

/** Whether the server had to wait for the generator: its CPU time is right then, the wall clock is not. */
export function heldUpByGenerator({ cpu, wall, generatorCpu }: Usage): boolean {
  return generatorCpu > BUSY * wall && cpu < BUSY * wall;
}
