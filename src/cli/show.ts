/** The commands that ask once: rooms, members, kick. */
import type { MemberPage, MemberSummary, Missing, Removed, RoomPage } from '../http/shapes';
import { type Api, Failure } from './api';
import { BadUsage, DONE, FAILED, INCOMPLETE, type Surroundings } from './surroundings';
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
  /** Seconds. */
  readonly ban?: number;
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
  if (json) return printJson(page, io, page.missing);
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
  if (json) return printJson(page, io, page.missing);
  io.out(memberTable(page.members));
  io.out(summary(page.members.length, page, 'member'));
  return exitCode(page.missing, io);
}

/**
 * @param what the id of a member, or a room
 * @param isRoom it is a room, though it looks like an id
 * @param stream only those of the room that have it
 * @param ban how long its name is banned from the room
 */
export async function kick(
  api: Api,
  what: string,
  { json, room: isRoom, stream, ban: seconds }: Kicking,
  io: Surroundings,
): Promise<number> {
  const ban = seconds === undefined ? undefined : String(seconds);
  const remove = () => {
    if (stream !== undefined) return api.delete<Removed>('stream', { room: what, streamName: stream, ban });
    if (!isRoom && MEMBER_ID.test(what)) return api.delete<Removed>(`members/${what}`, { ban });
    if (ban === undefined) return api.delete<Removed>('room', { room: what });
    throw new BadUsage('--ban takes the id of a member, or --stream: to keep everybody out, lock the room');
  };
  const removed = await remove().catch((error: unknown) => {
    if (ban === undefined || !(error instanceof Failure) || error.code === undefined) throw error;
    throw new Failure(`${error.message}; nobody is banned`, error.code);
  });
  const isLost = ban !== undefined && removed.ban === undefined;
  if (isLost) io.err('not banned: it has no name, or there are too many bans\n');
  const code = json ? printJson(removed, io, removed.missing) : showRemoved(removed, seconds, io);
  return isLost ? FAILED : code;
}

/** @param seconds for which the name is banned, if it is */
function showRemoved(
  { removed, members, media, ban, missing }: Removed,
  seconds: number | undefined,
  io: Surroundings,
): number {
  io.out(memberTable(members));
  const rest = removed > members.length ? `, of whom ${members.length} are listed` : '';
  io.out(`${counted(removed, 'member')} removed${rest}\n`);
  if (media !== undefined) {
    io.out(`publishing ended: ${media.ended}; may be on air still: ${media.onAir}\n`);
  }
  if (ban !== undefined && seconds !== undefined) {
    io.out(`banned from the room for ${duration(seconds * 1_000)}: unban ${ban} lifts it\n`);
  }
  return exitCode(missing, io);
}

function memberTable(members: readonly MemberSummary[]): string {
  const rows = members.map(({ id, room, streamName, address, since, slow, machine }) => {
    return [id, room, streamName, address, duration(Date.now() - since), slow ? 'slow' : '', machine];
  });
  return table(MEMBER_COLUMNS, rows);
}

export function summary(
  shown: number,
  { total, offset }: { total: number; offset: number },
  what: string,
): string {
  if (shown === total) return `${counted(total, what)}\n`;
  if (shown === 0) return `none of ${counted(total, what)}\n`;
  return `${offset + 1} to ${offset + shown} of ${counted(total, what)}\n`;
}

export function printJson(answer: object, io: Surroundings, missing: readonly Missing[] = []): number {
  io.out(`${visible(JSON.stringify(answer))}\n`);
  return exitCode(missing, io);
}

/** Says what is missing. */
export function exitCode(missing: readonly Missing[], { err }: Surroundings): number {
  for (const { node, machine, since } of missing) {
    const last = `last heard at ${clockTime(since)}`;
    err(`node ${node} (${visible(machine)}) does not answer, ${last}: what it has is left out\n`);
  }
  return missing.length === 0 ? DONE : INCOMPLETE;
}
