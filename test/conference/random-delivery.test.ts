/** A delivery under anything that may happen. Takes seconds, so `npm run mutants` leaves it out. */
import * as fc from 'fast-check';
import { type Listener, story } from '../helpers/delivery-story';

test('when all is quiet every member has heard the truth last, whoever was busy meanwhile', () => {
  const step = fc.record({
    what: fc.constantFrom('join', 'leave', 'busy', 'ready'),
    room: fc.constantFrom('a', 'b', 'c'),
    which: fc.nat({ max: 150 }),
    pause: fc.nat({ max: 30 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.double({ min: 0, max: 2, noNaN: true }),
      fc.integer({ min: 1, max: 120 }),
      (steps, cost, size) => {
        const { clock, rooms, delivery, join, leave, fill } = story({ cost });
        for (const name of ['a', 'b', 'c']) fill(name, size);
        for (const room of rooms.values()) delivery.changed(room);
        steps.forEach(({ what, room, which, pause }, index) => {
          const members = [...(rooms.get(room)?.members ?? [])];
          const member = members[which % Math.max(members.length, 1)];
          if (what === 'join') join(room, `new ${index}`);
          else if (what === 'leave' && member !== undefined) leave(member);
          else if (member !== undefined) setBusy(member, what === 'busy');
          clock.advance(pause);
        });
        for (const room of rooms.values()) for (const member of room.members) setBusy(member, false);
        clock.advance(600_000);
        for (const room of rooms.values()) {
          for (const member of room.members) expect(member.last).toEqual([...room.streams.keys()]);
        }
        expect(clock.waiting).toBe(0);

        function setBusy(member: Listener, busy: boolean): void {
          member.busy = busy;
          const room = rooms.get(member.room);
          if (!busy && room !== undefined) delivery.catchUp(room, member);
        }
      },
    ),
    { numRuns: 60 },
  );
});
