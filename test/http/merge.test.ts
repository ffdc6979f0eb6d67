import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { Rooms } from '../../src/conference/rooms';
import type { ConferenceEvents } from '../../src/events';
import { mergeMembers, mergeRooms } from '../../src/http/cluster/merge';
import type { Answers, Kind, QuestionOf } from '../../src/http/cluster/questions';
import { Happenings } from '../../src/http/happenings';
import { ownAnswers } from '../../src/http/own-answers';
import type { ListedMember } from '../../src/http/parts';
import { roomPage } from '../../src/http/room-list';
import { SORT_KEYS } from '../../src/http/schemas';

interface Joined {
  readonly room: string;
  readonly streamName: string;
  readonly since: number;
  readonly node: number;
}

const NODES = [0, 1, 2].map((n) => ({ name: `node${n}`, machine: 'vm' }));

/** Asks three nodes that share these members. */
function clusterOf(joined: readonly Joined[]) {
  const nodes: Answers[] = NODES.map(({ name }, node) => {
    const rooms = new Rooms<ListedMember>();
    const here = joined.filter((member) => member.node === node).sort((a, b) => a.since - b.since);
    for (const [index, { room, streamName, since }] of here.entries()) {
      rooms.join({ id: index + 1, address: 'a', behind: false, close() {}, room, streamName, since });
    }
    const roster = ({ name: room }: { name: string }) =>
      [...new Set(joined.filter((member) => member.room === room).map(({ streamName }) => streamName))].map(
        (name) => ({ name, encoded: '' }),
      );
    const parts = { rooms, streams: roster, held: roster, findMember: () => undefined, media: undefined };
    const idle = { policies: undefined, tell: () => 0 };
    const happenings = new Happenings(new EventEmitter<ConferenceEvents>(), name);
    return ownAnswers(
      { ...parts, removed: { code: 0, reason: '' }, limits: () => [], ...idle },
      happenings,
      name,
    );
  });
  return <K extends Kind>(kind: K, question: QuestionOf<K>) => ({
    answers: NODES.flatMap((node, index) => {
      const answers = nodes[index];
      return answers === undefined ? [] : [{ node, answer: answers[kind](question) }];
    }),
  });
}

const members = fc.array(
  fc.record({
    room: fc.string({ minLength: 1, maxLength: 2 }),
    streamName: fc.constantFrom('anna', 'ann', 'ben', 'carla'),
    since: fc.nat(9),
    node: fc.nat(2),
  }),
  { maxLength: 60 },
);
const limit = fc.integer({ min: 1, max: 9 });
const search = fc.constantFrom('', 'ann', 'B', 'x');

test('in any order, the pages together list all rooms of all nodes, each once, whole, and in order', () => {
  const order = fc.record({
    sort: fc.constantFrom(...SORT_KEYS),
    order: fc.constantFrom('asc' as const, 'desc' as const),
    limit,
  });
  fc.assert(
    fc.property(members, order, (joined, { sort, order, limit }) => {
      const rooms = mergeRooms(clusterOf(joined)('rooms', { search: '' }));
      const all = [];
      for (let offset = 0; offset < rooms.size; offset += limit) {
        all.push(...roomPage(rooms.values(), { sort, order, limit, offset }));
      }
      const names = new Set(joined.map(({ room }) => room));
      expect(new Set(all.map(({ room }) => room))).toEqual(names);
      expect(all).toHaveLength(names.size);
      for (const { room, members, streams, nodes, since } of all) {
        const here = joined.filter((member) => member.room === room);
        const distinct = (key: keyof Joined) => new Set(here.map((member) => member[key])).size;
        const oldest = Math.min(...here.map((member) => member.since));
        const truth = [here.length, distinct('streamName'), distinct('node'), oldest];
        expect([members, streams, nodes, since]).toEqual(truth);
      }
      const keys = all.map((summary) => (sort === 'name' ? summary.room : summary[sort]));
      for (const [place, key] of keys.entries()) {
        const before = keys[place - 1] ?? key;
        expect(order === 'asc' ? before <= key : before >= key).toBe(true);
      }
    }),
  );
});

test('a search finds the rooms of that name, or of such a stream on any node, and says by which', () => {
  fc.assert(
    fc.property(members, search, (joined, sought) => {
      const found = mergeRooms(clusterOf(joined)('rooms', { search: sought }));
      const fits = (name: string) => name.toLowerCase().includes(sought.toLowerCase());
      const right = joined.filter(({ room, streamName }) => fits(room) || fits(streamName));
      expect(new Set(found.keys())).toEqual(new Set(right.map(({ room }) => room)));
      for (const { room, matches = [] } of found.values()) {
        const there = joined.filter(
          (member) => member.room === room && sought !== '' && fits(member.streamName),
        );
        expect(new Set(matches)).toEqual(new Set(there.map(({ streamName }) => streamName)));
      }
    }),
  );
});

test('the pages together list all members that match, each once, the longest-standing first', () => {
  fc.assert(
    fc.property(members, limit, search, fc.boolean(), (joined, limit, search, inOneRoom) => {
      const room = inOneRoom ? joined[0]?.room : undefined;
      const ask = clusterOf(joined);
      const all = [];
      let total = 0;
      do {
        const offset = all.length;
        const question = { search, most: offset + limit, room };
        const page = mergeMembers(ask('members', question), offset, limit);
        if (page.members.length === 0) break;
        expect(page.members.length).toBe(Math.min(limit, page.total - offset));
        total = page.total;
        all.push(...page.members);
      } while (all.length < total);
      const right = joined.filter(
        (member) =>
          (room === undefined || member.room === room) &&
          (member.streamName.includes(search.toLowerCase()) || 'a'.includes(search)),
      );
      expect([all.length, new Set(all.map(({ id }) => id)).size]).toEqual([right.length, right.length]);
      const sinces = all.map(({ since }) => since);
      expect(sinces).toEqual([...sinces].sort((a, b) => a - b));
    }),
  );
});
