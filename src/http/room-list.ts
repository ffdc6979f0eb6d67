/** One page of the rooms: searched, sorted and sliced. Pure. */
import type { Room } from '../conference/rooms';
import type { ListedMember } from './parts';
import type { Order, RoomPage, RoomSummary, SortKey } from './shapes';

export const MAX_PAGE = 500;

export interface RoomQuery {
  /** Matches part of a room's or a stream's name; case is ignored. */
  readonly search: string;
  readonly sort: SortKey;
  readonly order: Order;
  readonly offset: number;
  readonly limit: number;
}

export function roomPage(rooms: Iterable<Room<ListedMember>>, query: RoomQuery): RoomPage {
  const { offset, limit } = query;
  const first = new FirstInOrder(offset + limit, comparison(query));
  const search = query.search.toLowerCase();
  let total = 0;
  for (const room of rooms) {
    if (search !== '' && !matches(room, search)) continue;
    total++;
    first.add(room);
  }
  return { total, offset, rooms: first.values().slice(offset).map(summary) };
}

type Compare = (a: Room<ListedMember>, b: Room<ListedMember>) => number;

/** The first rooms in an order. For the first pages this is much cheaper than sorting all. */
class FirstInOrder {
  readonly #most: number;
  readonly #compare: Compare;
  #kept: Room<ListedMember>[] = [];
  /** The last room kept, once there are enough. */
  #bar: Room<ListedMember> | undefined;

  constructor(most: number, compare: Compare) {
    this.#most = most;
    this.#compare = compare;
  }

  add(room: Room<ListedMember>): void {
    if (this.#bar !== undefined && this.#compare(room, this.#bar) >= 0) return;
    if (this.#kept.push(room) < 2 * this.#most) return;
    this.#kept = this.values();
    this.#bar = this.#kept.at(-1);
  }

  values(): Room<ListedMember>[] {
    return this.#kept.sort(this.#compare).slice(0, this.#most);
  }
}

function matches(room: Room<ListedMember>, search: string): boolean {
  if (room.name.toLowerCase().includes(search)) return true;
  for (const name of room.streams.keys()) if (name.toLowerCase().includes(search)) return true;
  return false;
}

function summary(room: Room<ListedMember>): RoomSummary {
  const { name, members, streams } = room;
  return { room: name, members: members.size, streams: streams.size, since: since(room) };
}

function since({ members }: Room<ListedMember>): number {
  const [oldest] = members;
  return oldest?.since ?? 0;
}

/** By code units, since a collator is far slower. Ties are ordered by name. */
function comparison({ sort, order }: RoomQuery): Compare {
  const sign = order === 'asc' ? 1 : -1;
  const byName: Compare = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  switch (sort) {
    case 'name':
      return (a, b) => sign * byName(a, b);
    case 'members':
    case 'streams':
      return (a, b) => sign * (a[sort].size - b[sort].size) || byName(a, b);
    case 'since':
      return (a, b) => sign * (since(a) - since(b)) || byName(a, b);
  }
}
