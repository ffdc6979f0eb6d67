/** Rooms that change at a steady rate: as one comes, the one before goes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Crowd } from './crowd';
import type { Participant } from './participant';

export interface Changes {
  readonly rooms: readonly string[];
  /** Milliseconds from one change of a room to its next: a join and a leave. */
  readonly interval: number;
  readonly padding: number;
}

/** Changes each room in turn, so that their changes are spread evenly, until it is told to stop. */
export async function comeAndGo(crowd: Crowd, changes: Changes, { signal }: AbortController): Promise<void> {
  const { rooms, interval, padding } = changes;
  const visitors = new Map<string, Participant>();
  const startedAt = performance.now();
  for (let index = 0; !signal.aborted; index++) {
    const room = rooms[index % rooms.length] ?? '';
    const before = visitors.get(room);
    void before?.opened.then(() => before.leave());
    visitors.set(room, crowd.join(room, padding));
    const due = startedAt + ((index + 1) * interval) / rooms.length;
    await sleep(Math.max(due - performance.now(), 0), undefined, { signal }).catch(() => {});
  }
}
