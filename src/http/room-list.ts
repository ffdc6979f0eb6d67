/** One page of the rooms: searched, sorted and cut. Pure, and quick enough for the loop at 20,000 rooms. */
import type { Room } from '../conference/rooms';
import type { ListedMember } from './parts';
import type { Order, RoomPage, RoomSummary, SortKey } from './shapes';

export const MAX_PAGE = 500;

export interface RoomQuery {
  /** Rooms whose name, or one of whose streams' names, contains this, whatever its case. */
  readonly search: string;
  readonly sort: SortKey;
  readonly order: Order;
  readonly offset: number;
  readonly limit: number;
}

export function roomPage(rooms: Iterable<Room<ListedMember>>, query: RoomQuery): RoomPage {
  const found = findRooms(rooms, query.search.toLowerCase());
  found.sort(comparison(query));
  const page = found.slice(query.offset, query.offset + query.limit);
  return { total: found.length, offset: query.offset, rooms: page };
}

function findRooms(rooms: Iterable<Room<ListedMember>>, search: string): RoomSummary[] {
  const found: RoomSummary[] = [];
  for (const room of rooms) {
    if (search === '' || matches(room, search)) found.push(summary(room));
  }
  return found;
}

function matches(room: Room<ListedMember>, search: string): boolean {
  if (room.name.toLowerCase().includes(search)) return true;
  for (const name of room.streams.keys()) if (name.toLowerCase().includes(search)) return true;
  return false;
}

function summary({ name, members, streams }: Room<ListedMember>): RoomSummary {
  const [oldest] = members;
  return { room: name, members: members.size, streams: streams.size, since: oldest?.since ?? 0 };
}

/** By code units, since a collator would take ten times as long. Ties stand in the order of names. */
function comparison({ sort, order }: RoomQuery): (a: RoomSummary, b: RoomSummary) => number {
  const sign = order === 'asc' ? 1 : -1;
  const byName = (a: RoomSummary, b: RoomSummary) => (a.room < b.room ? -1 : a.room > b.room ? 1 : 0);
  if (sort === 'name') return (a, b) => sign * byName(a, b);
  return (a, b) => sign * (a[sort] - b[sort]) || byName(a, b);
}
