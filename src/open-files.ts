/** How many files and sockets this process may have open. */
import { readFileSync } from 'node:fs';

/** The soft limit (RLIMIT_NOFILE), or undefined where the system does not tell (it does on Linux). */
export function openFilesLimit(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
