/** What a node has once, however many primaries it shares its rooms over. */
import { LamportClock } from './lamport-clock';

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
