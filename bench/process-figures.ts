/** What a process has used, as Linux tells it under /proc (see proc(5)). The process itself notices nothing. */
import { readdirSync, readFileSync } from 'node:fs';

const NANOSECONDS = 1e-9;
const KIBIBYTE = 1024;

/** Seconds that the process has spent on a CPU, user and system time together, all threads. */
export function cpuSeconds(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + cpuSecondsOf(`/proc/${pid}/task/${thread}/schedstat`), 0);
}

/** Bytes of the process that are in memory (VmRSS), and the most there have been (VmHWM). */
export function residentBytes(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * KIBIBYTE;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Its first figure is the time on a CPU in nanoseconds; a thread that has just ended counts nothing. */
function cpuSecondsOf(schedstat: string): number {
  try {
    return Number.parseInt(readFileSync(schedstat, 'utf8'), 10) * NANOSECONDS;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}
