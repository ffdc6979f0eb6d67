/** A crowd in a process of its own: does what a `RemoteCrowd` asks. */
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../actor';
import { Crowd } from './crowd';
import { bare } from './dialect';
import { fillRooms, type RoomNames } from './rooms';

/** Of those whose time is taken, or of those who only have to be there. */
export type Rank = 'measured' | 'scenery';

/** How they share the machine's cores with the servers, as of nice(1). */
const FIRST = -10;
const LAST = 19;

/** Where it goes, and how. */
export interface Journey {
  readonly port: number;
  readonly secure: boolean;
  readonly taken: number;
  readonly rank: Rank;
}

export interface Filling extends RoomNames {
  readonly rooms: number;
  readonly size: number;
}

export interface Visits {
  readonly rooms: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Visited {
  /** For each visitor, milliseconds from opening the connection to its first roster. */
  readonly waits: readonly number[];
  /** For each, milliseconds from when it should have come until it did: nothing is measured finer than this. */
  readonly lateness: readonly number[];
}

let crowd = new Crowd([], bare);
let rank: Rank = 'measured';

export const crowdTasks = {
  set({ port, secure, taken, ...journey }: Journey): void {
    rank = journey.rank;
    if (rank === 'measured') goFirst();
    crowd = new Crowd([port], bare, { secure, taken });
  },

  /**
   * The scenery gives way only once it is there: a handshake that takes seconds is refused.
   * @returns the rooms' names
   */
  async fill({ rooms, size, ...names }: Filling): Promise<string[]> {
    const filled = await orTrouble(fillRooms(crowd, rooms, size, names));
    if (rank === 'scenery') setPriority(LAST);
    return filled.map(({ name }) => name);
  },

  /**
   * Visitors come at these times whether the one before has been served or not: what makes one wait makes those
   * behind it wait, and all of them count.
   */
  async visit({ rooms, perSecond, seconds }: Visits): Promise<Visited> {
    const lateness: number[] = [];
    const visits: Promise<number>[] = [];
    const startedAt = performance.now();
    for (let index = 0; index < perSecond * seconds; index++) {
      const due = startedAt + (index * 1000) / perSecond;
      await sleep(Math.max(due - performance.now(), 0));
      lateness.push(Math.max(performance.now() - due, 0));
      visits.push(visit(rooms[index % rooms.length] ?? ''));
    }
    return { waits: await orTrouble(Promise.all(visits)), lateness };
  },

  /** Rejects where something has happened to any of them. */
  size: (): Promise<number> => orTrouble(sleep(0).then(() => crowd.size)),
};

export type CrowdTasks = typeof crowdTasks;

/** Whoever is not root may not, and waits for a core like everybody. */
function goFirst(): void {
  try {
    setPriority(FIRST);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR')) throw error;
  }
}

async function visit(room: string): Promise<number> {
  const startedAt = performance.now();
  const visitor = crowd.join(room);
  await visitor.sees();
  const wait = performance.now() - startedAt;
  void visitor.leave();
  return wait;
}

function orTrouble<T>(work: Promise<T>): Promise<T> {
  return Promise.race([work, crowd.trouble]);
}

serve(crowdTasks);
