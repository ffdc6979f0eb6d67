/** Makes of the answers of all nodes the one of the cluster. Pure. */
import { FirstInOrder } from '../first-in-order';
import { MOST_MATCHES } from '../schemas';
import type { MemberSummary, RoomSummary } from '../shapes';
import type { Asked, KnownNode } from './asking';
import { memberId } from './member-id';
import type { MemberRow } from './questions';

/** Rooms that nodes have counted and did not tell. */
export function leftOut({ answers }: Pick<Asked<'rooms'>, 'answers'>): number {
  return answers.reduce((sum, { answer }) => sum + answer.left, 0);
}

/** Every room once, with the members of all nodes. Their rosters list the same, but for what is under way. */
export function mergeRooms({ answers }: Pick<Asked<'rooms'>, 'answers'>): Map<string, RoomSummary> {
  const merged = new Map<string, RoomSummary>();
  for (const { answer } of answers) {
    for (const { room, members, streams, since, matches } of answer.rooms) {
      const known = merged.get(room);
      const all = matches === undefined ? known?.matches : [...(known?.matches ?? []), ...matches];
      merged.set(room, {
        room,
        members: members + (known?.members ?? 0),
        streams: Math.max(streams, known?.streams ?? 0),
        since: Math.min(since, known?.since ?? Infinity),
        nodes: 1 + (known?.nodes ?? 0),
        ...(all && { matches: [...new Set(all)].slice(0, MOST_MATCHES) }),
      });
    }
  }
  return merged;
}

/** The page of the members of all nodes, of which each has told the first `offset + limit`. */
export function mergeMembers(
  { answers }: Pick<Asked<'members'>, 'answers'>,
  offset: number,
  limit: number,
): { readonly total: number; readonly members: MemberSummary[] } {
  const first = new FirstInOrder<MemberRow & { readonly at: KnownNode }>(offset + limit, byAgeAndNode);
  let total = 0;
  for (const { node, answer } of answers) {
    total += answer.total;
    for (const row of answer.members) first.add({ ...row, at: node });
  }
  const members = first.values().slice(offset);
  return { total, members: members.map((row) => memberSummary(row, row.at)) };
}

export function memberSummary(
  { number, room, streamName, address, since, slow }: MemberRow,
  { name, machine }: KnownNode,
): MemberSummary {
  return { id: memberId(name, number), room, streamName, address, since, slow, node: name, machine };
}

/** The longest-standing first. */
export function byAge(a: MemberRow, b: MemberRow): number {
  return a.since - b.since || a.number - b.number;
}

type Placed = MemberRow & { readonly at: KnownNode };

function byAgeAndNode(a: Placed, b: Placed): number {
  if (a.since !== b.since) return a.since - b.since;
  if (a.at.name !== b.at.name) return a.at.name < b.at.name ? -1 : 1;
  return a.number - b.number;
}
