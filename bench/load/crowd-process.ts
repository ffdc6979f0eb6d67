/** A crowd in a process of its own: does what a `RemoteCrowd` asks. */
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../actor';
import { Crowd } from './crowd';
import { bare } from './dialect';
import { fillRooms, type RoomNames } from './rooms';

/** Where it goes, and how. */
export interface Journey {
  readonly port: number;
  readonly secure: boolean;
  readonly taken: number;
  /** What it does may wait, as nice(1) means it: 0 for what is measured, 19 for what only has to be there. */
  readonly niceness: number;
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

let crowd = new Crowd([], bare);

export const crowdTasks = {
  set({ port, secure, taken, niceness }: Journey): void {
    setPriority(niceness);
    crowd = new Crowd([port], bare, { secure, taken });
  },

  /** @returns the rooms' names */
  async fill({ rooms, size, ...names }: Filling): Promise<string[]> {
    const filled = await orTrouble(fillRooms(crowd, rooms, size, names));
    return filled.map(({ name }) => name);
  },

  /**
   * Visitors come at these times whether the one before has been served or not: what makes one wait makes those
   * behind it wait, and all of them count.
   * @returns for each, milliseconds from opening the connection to its first roster
   */
  async visit({ rooms, perSecond, seconds }: Visits): Promise<number[]> {
    const visits: Promise<number>[] = [];
    const startedAt = performance.now();
    for (let index = 0; index < perSecond * seconds; index++) {
      await sleep(Math.max(startedAt + (index * 1000) / perSecond - performance.now(), 0));
      visits.push(visit(rooms[index % rooms.length] ?? ''));
    }
    return orTrouble(Promise.all(visits));
  },

  /** Rejects where something has happened to any of them. */
  size: (): Promise<number> => orTrouble(sleep(0).then(() => crowd.size)),
};

export type CrowdTasks = typeof crowdTasks;

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
