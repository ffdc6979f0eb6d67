import * as fc from 'fast-check';
import { type Member, Rooms } from '../../src/conference/rooms';

const member = (room: string, streamName: string): Member => ({ room, streamName });
const streamsOf = (rooms: Rooms<Member>, room: string) => [...(rooms.get(room)?.streams.keys() ?? [])];

describe('rooms', () => {
  test('list their streams in the order in which they first joined', () => {
    const rooms = new Rooms<Member>();
    const [anna, ben, carl] = ['anna', 'ben', 'carl'].map((name) => member('room', name));
    for (const joining of [ben, anna, carl]) if (joining) rooms.join(joining);
    expect(streamsOf(rooms, 'room')).toEqual(['ben', 'anna', 'carl']);
  });

  test('list a stream once, at its place, while any of its sockets is there', () => {
    const rooms = new Rooms<Member>();
    const old = member('room', 'anna');
    const fresh = member('room', 'anna');
    expect(rooms.join(old).streamChanged).toBe(true);
    rooms.join(member('room', 'ben'));
    expect(rooms.join(fresh).streamChanged).toBe(false);
    expect(rooms.leave(old)?.streamChanged).toBe(false);
    expect(streamsOf(rooms, 'room')).toEqual(['anna', 'ben']);
    expect(rooms.leave(fresh)?.streamChanged).toBe(true);
    expect(streamsOf(rooms, 'room')).toEqual(['ben']);
  });

  test('put a stream that left and came back behind those who stayed', () => {
    const rooms = new Rooms<Member>();
    const anna = member('room', 'anna');
    rooms.join(anna);
    rooms.join(member('room', 'ben'));
    rooms.leave(anna);
    rooms.join(member('room', 'anna'));
    expect(streamsOf(rooms, 'room')).toEqual(['ben', 'anna']);
  });

  test('change nothing when a member leaves twice, even when its name is back', () => {
    const rooms = new Rooms<Member>();
    const old = member('room', 'anna');
    rooms.join(old);
    rooms.leave(old);
    rooms.join(member('room', 'anna'));
    expect(rooms.leave(old)).toBeUndefined();
    expect(streamsOf(rooms, 'room')).toEqual(['anna']);
  });

  test('are gone in the call that empties them', () => {
    const rooms = new Rooms<Member>();
    const members = Array.from({ length: 10_000 }, (_, n) => member(`room ${n}`, 'anna'));
    for (const joining of members) rooms.join(joining);
    expect(rooms.size).toBe(10_000);
    for (const leaving of members) rooms.leave(leaving);
    expect(rooms.size).toBe(0);
    expect([...rooms.values()]).toEqual([]);
  });

  test.each(['__proto__', 'constructor', 'hasOwnProperty'])('take %s for a name like any other', (name) => {
    const rooms = new Rooms<Member>();
    expect(rooms.get(name)).toBeUndefined();
    rooms.join(member(name, name));
    expect(streamsOf(rooms, name)).toEqual([name]);
  });

  test('hold what a plain list of members says, after any joins and leaves', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const step = fc.record({ room: name, streamName: name, leaves: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const rooms = new Rooms<Member>();
        const known: Member[] = [];
        let present: Member[] = [];
        const model = (room: string) => [
          ...new Set(firstJoins.filter((s) => s.room === room).map((s) => s.streamName)),
        ];
        let firstJoins: Member[] = [];
        for (const { room, streamName, leaves, which } of steps) {
          const leaving = leaves ? known[which % Math.max(known.length, 1)] : undefined;
          if (leaving) {
            const wasThere = present.includes(leaving);
            present = present.filter((other) => other !== leaving);
            expect(rooms.leave(leaving) !== undefined).toBe(wasThere);
          } else {
            const joining = member(room, streamName);
            known.push(joining);
            present.push(joining);
            rooms.join(joining);
          }
          const isHeld = (s: Member) =>
            present.some((m) => m.room === s.room && m.streamName === s.streamName);
          firstJoins = firstJoins.filter(isHeld);
          if (!leaving) firstJoins.push(member(room, streamName));
          for (const name of ['a', 'b', 'c']) {
            expect(streamsOf(rooms, name)).toEqual(model(name));
            expect(rooms.get(name)?.members.size ?? 0).toBe(present.filter((m) => m.room === name).length);
          }
        }
        expect(rooms.size).toBe(new Set(present.map((m) => m.room)).size);
      }),
    );
  });
});
