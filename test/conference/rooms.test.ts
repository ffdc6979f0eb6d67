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

  test('count observers, who hold no stream and keep the room as anybody does', () => {
    const rooms = new Rooms<Member>();
    const observer: Member = { room: 'room', streamName: '', observer: true, note: '1' };
    const other: Member = { ...observer };
    const anna = member('room', 'anna');
    const { room } = rooms.join(observer);
    expect(rooms.join(other)).toEqual({ room, stream: undefined, streamChanged: false });
    rooms.join(anna);
    expect([room.observers, room.members.size, streamsOf(rooms, 'room')]).toEqual([2, 3, ['anna']]);
    expect(rooms.leave(other)).toEqual({ room, stream: undefined, streamChanged: false });
    expect(rooms.leave(other)).toBeUndefined();
    expect([room.observers, room.members.size]).toEqual([1, 2]);
    rooms.leave(anna);
    expect(rooms.get('room')).toBe(room);
    rooms.leave(observer);
    expect([rooms.size, rooms.leave(observer)]).toEqual([0, undefined]);
  });

  test('keep what the members of a stream have told last, until the last of them has left', () => {
    const rooms = new Rooms<Member>();
    const noteOf = () => rooms.get('room')?.streams.get('anna')?.note;
    const first = { ...member('room', 'anna'), note: '1' as string | undefined };
    rooms.join(first);
    const second = member('room', 'anna');
    rooms.join(second);
    expect(noteOf()).toBe('1');
    expect(rooms.note(first)).toBeUndefined();
    first.note = '2';
    const noted = rooms.note(first);
    expect([noted?.room, noted?.stream, noteOf()]).toEqual([
      rooms.get('room'),
      rooms.get('room')?.streams.get('anna'),
      '2',
    ]);
    rooms.leave(first);
    first.note = '3';
    expect([rooms.note(first), noteOf()]).toEqual([undefined, '2']);
    rooms.leave(second);
    rooms.join(second);
    expect(noteOf()).toBeUndefined();
    expect(rooms.note({ ...member('nowhere', 'anna'), note: '1' })).toBeUndefined();
  });

  test('keep nothing that an observer tells, though it has the name of a stream', () => {
    const rooms = new Rooms<Member>();
    rooms.join(member('room', 'anna'));
    const observer: Member = { room: 'room', streamName: 'anna', observer: true, note: '1' };
    rooms.join(observer);
    expect([rooms.note(observer), rooms.get('room')?.streams.get('anna')?.note]).toEqual([
      undefined,
      undefined,
    ]);
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
