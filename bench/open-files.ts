/** How many files and sockets a process of this machine may have open (see getrlimit(2)). */
import { readFileSync } from 'node:fs';

/** The hard limit: node raises the soft one to it when it starts. */
export function mostOpenFiles(): number {
  const limit = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
}
