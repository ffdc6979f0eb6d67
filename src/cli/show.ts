/** The commands that ask once: rooms, members, kick. */
import type { MemberPage, MemberSummary, Missing, Removed, RoomPage } from '../http/shapes';
import type { Api } from './api';
import { DONE, INCOMPLETE, type Surroundings } from './surroundings';
import { type Column, clockTime, counted, duration, table, visible } from './text';

const MEMBER_ID = /^[0-9a-z]{8}-[1-9][0-9]{0,14}$/;

export interface Page {
  readonly search?: string;
  readonly offset: string;
  readonly limit: string;
  readonly json?: true;
}

export interface RoomOrder extends Page {
  readonly sort: string;
  readonly order: string;
}

export interface Kicking {
  readonly json?: true;
  readonly room?: true;
  readonly stream?: string;
}

const ROOM_COLUMNS: readonly Column[] = [
  { title: 'ROOM' },
  ...['MEMBERS', 'STREAMS', 'NODES', 'OPEN FOR'].map((title) => ({ title, align: 'right' as const })),
];

const MEMBER_COLUMNS: readonly Column[] = [
  ...['ID', 'ROOM', 'STREAM', 'ADDRESS'].map((title) => ({ title })),
  { title: 'CONNECTED FOR', align: 'right' },
  ...['STATE', 'MACHINE'].map((title) => ({ title })),
];

/** Prints one page of rooms. @returns the exit code; so do all */
export async function showRooms(
  api: Api,
  { json, search, ...query }: RoomOrder,
  io: Surroundings,
): Promise<number> {
  const page = await api.get<RoomPage>('rooms', { ...query, search });
  if (json) return printJson(page, io);
  const rows = page.rooms.map(({ room, members, streams, nodes, since }) => {
    return [room, String(members), String(streams), String(nodes), duration(Date.now() - since)];
  });
  io.out(table(ROOM_COLUMNS, rows));
  io.out(summary(page.rooms.length, page, 'room'));
  return exitCode(page.missing, io);
}

/** @param room undefined: of all rooms */
export async function showMembers(
  api: Api,
  room: string | undefined,
  { json, search, ...query }: Page,
  io: Surroundings,
): Promise<number> {
  const path = room === undefined ? 'members' : 'room/members';
  const page = await api.get<MemberPage>(path, { ...query, search, room });
  if (json) return printJson(page, io);
  io.out(memberTable(page.members));
  io.out(summary(page.members.length, page, 'member'));
  return exitCode(page.missing, io);
}

/**
 * @param what the id of a member, or a room
 * @param isRoom it is a room, though it looks like an id
 * @param stream only those of the room that have it
 */
export async function kick(
  api: Api,
  what: string,
  { json, room: isRoom, stream }: Kicking,
  io: Surroundings,
): Promise<number> {
  const remove = () => {
    if (stream !== undefined) return api.delete<Removed>('stream', { room: what, streamName: stream });
    if (!isRoom && MEMBER_ID.test(what)) return api.delete<Removed>(`members/${what}`);
    return api.delete<Removed>('room', { room: what });
  };
  const removed = await remove();
  if (json) return printJson(removed, io);
  io.out(memberTable(removed.members));
  const { length } = removed.members;
  const rest = removed.removed > length ? `, of whom ${length} are listed` : '';
  io.out(`${counted(removed.removed, 'member')} removed${rest}\n`);
  if (removed.media !== undefined) {
    const { ended, onAir } = removed.media;
    io.out(`publishing ended: ${ended}; may be on air still: ${onAir}\n`);
  }
  return exitCode(removed.missing, io);
}

function memberTable(members: readonly MemberSummary[]): string {
  const rows = members.map(({ id, room, streamName, address, since, slow, machine }) => {
    return [id, room, streamName, address, duration(Date.now() - since), slow ? 'slow' : '', machine];
  });
  return table(MEMBER_COLUMNS, rows);
}

function summary(shown: number, { total, offset }: { total: number; offset: number }, what: string): string {
  if (shown === total) return `${counted(total, what)}\n`;
  if (shown === 0) return `none of ${counted(total, what)}\n`;
  return `${offset + 1} to ${offset + shown} of ${counted(total, what)}\n`;
}

function printJson(answer: { readonly missing: readonly Missing[] }, io: Surroundings): number {
  io.out(`${visible(JSON.stringify(answer))}\n`);
  return exitCode(answer.missing, io);
}

/** Says what is missing. */
export function exitCode(missing: readonly Missing[], { err }: Surroundings): number {
  for (const { node, machine, since } of missing) {
    const last = `last heard at ${clockTime(since)}`;
    err(`node ${node} (${visible(machine)}) does not answer, ${last}: what it has is left out\n`);
  }
  return missing.length === 0 ? DONE : INCOMPLETE;
}
