/** How many files and sockets this process may have open, and what the sockets may have of that. */
import { readFileSync } from 'node:fs';

/** Descriptors that members never get: for listening, logs, refusals on their way out, plain requests. */
const RESERVED = 64;

/** How many descriptors are for what; all are infinite where the system does not tell its limit. */
export interface DescriptorBudget {
  /** Members. */
  readonly members: number;
  /** Sockets past the handshake: members, and those who are told that there is no room for them. */
  readonly sockets: number;
  /** Connections of any kind. */
  readonly connections: number;
}

/** What the soft limit (RLIMIT_NOFILE) leaves. */
export function descriptorBudget(): DescriptorBudget {
  const members = Math.max((openFilesLimit() ?? Number.POSITIVE_INFINITY) - RESERVED, 1);
  return { members, sockets: members + RESERVED / 4, connections: members + RESERVED / 2 };
}

/** Undefined where the system does not tell (it does on Linux). */
function openFilesLimit(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
