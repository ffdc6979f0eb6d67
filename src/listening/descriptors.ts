/** How many files and sockets this process may open, and how sockets share them. */
import { readFileSync } from 'node:fs';

/** Descriptors not for members: for listening, logs, refusals and plain requests. */
const RESERVED = 64;
/** Strangers may always have this many. */
const LEAST_STRANGERS = RESERVED / 2;
/** And never more than this: each holds some kilobytes. */
const MOST_STRANGERS = 8_192;

/** All are infinite if the system does not report its limit. */
export interface DescriptorBudget {
  readonly members: number;
  /** Sockets after the handshake: members, and those being refused. */
  readonly sockets: number;
  /** Connections of any kind. */
  readonly connections: number;
}

/** From the soft limit (RLIMIT_NOFILE). */
export function descriptorBudget(): DescriptorBudget {
  const members = Math.max((openFilesLimit() ?? Number.POSITIVE_INFINITY) - RESERVED, 1);
  return { members, sockets: members + RESERVED / 4, connections: members + LEAST_STRANGERS };
}

/**
 * How many strangers there may be beside `members`: at most a quarter of all connections. Every member was a stranger
 * first, so a storm of joins needs room here.
 */
export function strangersAllowed({ connections }: DescriptorBudget, members: number): number {
  const most = Math.min(Math.max(connections / 4, LEAST_STRANGERS), MOST_STRANGERS);
  return Math.max(Math.min(connections - members, most), LEAST_STRANGERS);
}

/** Undefined if the system does not report it. Linux does. */
function openFilesLimit(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}
