import fc from 'fast-check';
import { type Room, Rooms } from '../../src/conference/rooms';
import type { ListedMember } from '../../src/http/parts';
import { type RoomQuery, roomPage } from '../../src/http/room-list';
import { SORT_KEYS } from '../../src/http/shapes';

const FIRST_PAGE: RoomQuery = { search: '', sort: 'name', order: 'asc', offset: 0, limit: 50 };

function roomsOf(
  members: readonly { room: string; streamName: string; since: number }[],
): Room<ListedMember>[] {
  const rooms = new Rooms<ListedMember>();
  for (const [id, member] of members.entries()) {
    rooms.join({ id, address: 'a', behind: false, close() {}, ...member });
  }
  return [...rooms.values()];
}

test('in any order, the pages together list all rooms, each once and in order', () => {
  const member = fc.record({
    room: fc.string({ minLength: 1, maxLength: 2 }),
    streamName: fc.string({ minLength: 1, maxLength: 1 }),
    since: fc.nat(5),
  });
  const query = fc.record({
    sort: fc.constantFrom(...SORT_KEYS),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    limit: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(member, { maxLength: 60 }), query, (members, { sort, order, limit }) => {
      const rooms = roomsOf(members);
      const all = [];
      for (let offset = 0; offset < rooms.length; offset += limit) {
        const page = roomPage(rooms, { ...FIRST_PAGE, sort, order, limit, offset });
        expect(page).toMatchObject({ total: rooms.length, offset });
        all.push(...page.rooms);
      }
      expect(new Set(all.map(({ room }) => room))).toEqual(new Set(rooms.map(({ name }) => name)));
      expect(all).toHaveLength(rooms.length);
      const keys = all.map((summary) => (sort === 'name' ? summary.room : summary[sort]));
      for (const [place, key] of keys.entries()) {
        const before = keys[place - 1] ?? key;
        expect(order === 'asc' ? before <= key : before >= key).toBe(true);
      }
    }),
  );
});
