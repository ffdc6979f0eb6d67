/** What the backplane of one primary among several shares with those of the others. */
import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock';
import type { BackplaneEvents } from '../conference/backplane-status';
import type { Logger } from '../logging/events';
import type { Keys, NodeKeys, RoomKeys } from './keys';
import { LamportClock } from './lamport-clock';
import type { ListSizes } from './list-writer';
import type { Timing } from './timing';

/** What a backplane needs over one primary as over several. */
export interface CommonParts {
  /** This node's name among the others, as `newNodeId` makes it. */
  readonly self: string;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly timing: Timing;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly events: EventEmitter<BackplaneEvents>;
  readonly sizes?: ListSizes;
}

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
