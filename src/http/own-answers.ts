/** What this node says when it is asked, by itself or by others. */
import type { Room } from '../conference/rooms';
import { byAge } from './cluster/merge';
import {
  type AnswerOf,
  type Answers,
  type MemberRow,
  MOST_ROOMS,
  type QuestionOf,
  type RoomRow,
} from './cluster/questions';
import { FirstInOrder } from './first-in-order';
import type { Happenings } from './happenings';
import type { HttpParts, ListedMember } from './parts';
import { removeAll } from './removal';
import { MOST_MATCHES, MOST_NAMED } from './schemas';

export type OwnParts = Pick<
  HttpParts,
  'rooms' | 'findMember' | 'streams' | 'held' | 'removed' | 'media' | 'limits' | 'policies' | 'tell'
>;

/** @param happenings of this node */
export function ownAnswers(parts: OwnParts, happenings: Happenings, node: string): Answers {
  const own = new OwnAnswers(parts);
  return {
    rooms: (question) => own.rooms(question),
    room: ({ room }) => ({ ...own.room(room), recent: happenings.recent(room) }),
    members: (question) => own.members(question),
    remove: (question) => own.remove(question),
    banned: ({ key, entry }) => ({ removed: parts.policies?.take(key, entry) ?? 0 }),
    message: ({ room, message }) => ({ receivers: parts.tell(room, message) }),
    figures: () => own.figures(),
    news: ({ after }) => happenings.since(after[node]),
  };
}

class OwnAnswers {
  readonly #parts: OwnParts;

  constructor(parts: OwnParts) {
    this.#parts = parts;
  }

  rooms({ search }: QuestionOf<'rooms'>): AnswerOf<'rooms'> {
    const sought = search.toLowerCase();
    const rooms: RoomRow[] = [];
    let left = 0;
    for (const room of this.#parts.rooms.values()) {
      const row = this.#roomRow(room, sought);
      if (row === undefined) continue;
      if (rooms.length < MOST_ROOMS) rooms.push(row);
      else left++;
    }
    return { rooms, left };
  }

  room(name: string): Omit<AnswerOf<'room'>, 'recent'> {
    const room = this.#parts.rooms.get(name);
    if (room === undefined) return { members: 0, streams: [], since: 0 };
    const { media, held, streams } = this.#parts;
    return {
      members: room.members.size,
      streams: Array.from(streams(room), ({ name }) => name),
      since: sinceOf(room),
      ...(media && { media: media.view.overview(name, held(room)) }),
    };
  }

  members({ search, most, room }: QuestionOf<'members'>): AnswerOf<'members'> {
    const sought = search.toLowerCase();
    const first = new FirstInOrder<MemberRow>(most, byAge);
    let total = 0;
    for (const { members } of this.#roomsNamed(room)) {
      for (const member of members) {
        if (sought !== '' && !isMatch(member, sought)) continue;
        total++;
        first.add(memberRow(member));
      }
    }
    return { total, members: first.values() };
  }

  /** They are out of their rooms when the answer is there, or, of a crowd, soon after. */
  remove(asked: QuestionOf<'remove'>): AnswerOf<'remove'> {
    const { rooms, media, held, removed } = this.#parts;
    const members = this.#asked(asked);
    const room = asked.room === undefined ? undefined : rooms.get(asked.room);
    const isWhole = room !== undefined && asked.stream === undefined;
    const known = media === undefined || !isWhole ? [] : media.view.overview(room.name, held(room));
    const publishers = members.filter(({ observer }) => observer === undefined);
    const names = [...publishers.map(({ streamName }) => streamName), ...known.map(({ stream }) => stream)];
    const streams = new Set(names);
    const named = members.slice(0, MOST_NAMED).map(memberRow);
    void removeAll(members, removed);
    return { removed: members.length, members: named, streams: media === undefined ? [] : [...streams] };
  }

  #asked({ number, room, stream }: QuestionOf<'remove'>): ListedMember[] {
    const one = number === undefined ? undefined : this.#parts.findMember(number);
    if (one !== undefined) return [one];
    const all = room === undefined ? [] : [...(this.#parts.rooms.get(room)?.members ?? [])];
    return stream === undefined ? all : all.filter(({ streamName }) => streamName === stream);
  }

  figures(): AnswerOf<'figures'> {
    const { rooms, limits } = this.#parts;
    let members = 0;
    for (const room of rooms.values()) members += room.members.size;
    return { rooms: rooms.size, members, limits: limits() };
  }

  #roomsNamed(name: string | undefined): Iterable<Room<ListedMember>> {
    const { rooms } = this.#parts;
    if (name === undefined) return rooms.values();
    const room = rooms.get(name);
    return room === undefined ? [] : [room];
  }

  /** Undefined where it does not match. */
  #roomRow(room: Room<ListedMember>, sought: string): RoomRow | undefined {
    const { name, members } = room;
    const matches: string[] = [];
    let streams = 0;
    for (const stream of this.#parts.streams(room)) {
      streams++;
      if (sought === '' || matches.length === MOST_MATCHES) continue;
      if (stream.name.toLowerCase().includes(sought)) matches.push(stream.name);
    }
    if (matches.length === 0 && !name.toLowerCase().includes(sought)) return undefined;
    const row = { room: name, members: members.size, streams, since: sinceOf(room) };
    return matches.length === 0 ? row : { ...row, matches };
  }
}

function sinceOf({ members }: Room<ListedMember>): number {
  const [oldest] = members;
  return oldest?.since ?? 0;
}

function isMatch({ streamName, address }: ListedMember, sought: string): boolean {
  return streamName.toLowerCase().includes(sought) || address.includes(sought);
}

function memberRow({ id, room, streamName, address, since, behind, observer }: ListedMember): MemberRow {
  return { number: id, room, streamName, address, since, slow: behind, observer };
}
