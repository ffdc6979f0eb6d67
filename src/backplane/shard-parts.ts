/** What the backplane of one primary among several shares with those of the others. */
import type { NodeKeys, RoomKeys } from './keys';
import { LamportClock } from './lamport-clock';

export interface ShardParts {
  readonly counters: NodeCounters;
  /** Keys of what the primary has once; they may become others. */
  readonly nodeKeys: () => NodeKeys;
  /** The addresses of Redis that the node has, as `listName` names them. */
  readonly addresses: string;
  /** Whether the primary has a room's slot. */
  readonly owns: (keys: RoomKeys) => boolean;
}

/** What a node has once, however many primaries it shares its rooms over. */
export interface NodeCounters {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stamps: LamportClock;
  /** Of the list that was sent last. */
  version: number;
}

export function newCounters(): NodeCounters {
  return { startedAt: Date.now(), stamps: new LamportClock(), version: 0 };
}
