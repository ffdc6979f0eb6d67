/** How many files and sockets this process may have open, and what the sockets may have of that. */
import { readFileSync } from 'node:fs';

/** Descriptors that members never get: for listening, logs, refusals on their way out, plain requests. */
const RESERVED = 64;
/** Connections that are no members may have so many, whatever members take. */
const LEAST_STRANGERS = RESERVED / 2;
/** And never more than so many: each holds some kilobytes. */
const MOST_STRANGERS = 8_192;

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
  return { members, sockets: members + RESERVED / 4, connections: members + LEAST_STRANGERS };
}

/**
 * How many connections may be no members, while so many are: a quarter of all at most. Each that joins was one for a
 * while, so a storm of joins needs room here.
 */
export function strangersAllowed({ connections }: DescriptorBudget, members: number): number {
  const most = Math.min(Math.max(connections / 4, LEAST_STRANGERS), MOST_STRANGERS);
  return Math.max(Math.min(connections - members, most), LEAST_STRANGERS);
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
