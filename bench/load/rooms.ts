/** Fills rooms. */
import type { Crowd } from './crowd';
import { inParallel } from './parallel';
import type { Participant } from './participant';

/** How many handshakes are under way at a time. */
export const AT_A_TIME = 64;

/** n participants join as fast as their handshakes are answered; done when each has seen all of them. */
export async function fillRoom(
  crowd: Crowd,
  room: string,
  n: number,
  join: (index: number) => Participant = () => crowd.join(room),
): Promise<Participant[]> {
  const participants: Participant[] = [];
  const complete: Promise<void>[] = [];
  await inParallel(Array(n).keys(), AT_A_TIME, (index) => {
    const participant = join(index);
    participants.push(participant);
    complete.push(participant.sees(n));
    return participant.opened;
  });
  await Promise.all(complete);
  return participants;
}

/** What the rooms are called, and how many characters longer their streams' names are than they must be. */
export interface RoomNames {
  readonly prefix?: string;
  readonly padding?: number;
}

/** Fills so many rooms of the same size, some at a time. */
export async function fillRooms(
  crowd: Crowd,
  count: number,
  size: number,
  { prefix = 'room', padding = 0 }: RoomNames = {},
): Promise<FilledRoom[]> {
  const rooms: FilledRoom[] = [];
  await inParallel(Array(count).keys(), 8, async (index) => {
    const name = `${prefix}-${String(index).padStart(4, '0')}`;
    rooms.push({ name, participants: await fillRoom(crowd, name, size, () => crowd.join(name, padding)) });
  });
  return rooms;
}

export interface FilledRoom {
  readonly name: string;
  readonly participants: readonly Participant[];
}
