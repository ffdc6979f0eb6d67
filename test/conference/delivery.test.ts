import * as fc from 'fast-check';
import { CREDIT, Delivery, type Receiver, SHARE, SLICE, SMALL } from '../../src/conference/delivery';
import { InFlight } from '../../src/conference/in-flight';
import { type Room, Rooms } from '../../src/conference/rooms';
import { ManualClock } from '../helpers/manual-clock';

interface Heard {
  /** The delivery's turn in which it was told; 0 is that of the change itself. */
  readonly turn: number;
  readonly streams: readonly string[];
}

/** A member that a test plays. It takes every roster, unless it is told to be busy. */
class Listener implements Receiver {
  told = 0;
  busy = false;
  readonly heard: Heard[] = [];
  readonly room: string;
  readonly streamName: string;
  readonly #take: (listener: Listener, roster: Uint8Array) => void;

  constructor(room: string, streamName: string, take: (listener: Listener, roster: Uint8Array) => void) {
    this.room = room;
    this.streamName = streamName;
    this.#take = take;
  }

  take(roster: Uint8Array): boolean {
    if (this.busy) return false;
    this.#take(this, roster);
    return true;
  }

  get last(): readonly string[] {
    return this.heard.at(-1)?.streams ?? [];
  }
}

/** Rooms whose members take a roster in so many milliseconds. */
function story({ cost = 0, inFlight = new InFlight() } = {}) {
  const clock = new ManualClock();
  const rooms = new Rooms<Listener>();
  /** What each roster lists. */
  const rosters = new Map<Uint8Array, readonly string[]>();
  let telling = 0;
  let turns = 0;
  const delivery = new Delivery<Listener>({
    clock: {
      now: () => clock.now(),
      schedule: (task, delay) =>
        clock.schedule(() => {
          turns++;
          task();
        }, delay),
    },
    inFlight,
    encode: ({ streams }) => {
      const roster = new Uint8Array(1);
      rosters.set(roster, [...streams.keys()]);
      return roster;
    },
    onTold: (_receivers, _bytes, duration) => {
      telling += duration;
    },
  });
  const listen = (room: string, name: string) =>
    new Listener(room, name, (listener, roster) => {
      listener.heard.push({ turn: turns, streams: rosters.get(roster) ?? [] });
      clock.spend(cost);
    });
  const join = (room: string, name: string) => {
    const member = listen(room, name);
    delivery.changed(rooms.join(member).room, member);
    return member;
  };
  const leave = (member: Listener) => {
    const { room } = rooms.leave(member) ?? {};
    if (room === undefined) return;
    if (room.members.size === 0) delivery.forget(room);
    else delivery.changed(room);
  };
  /** A room that is full before anybody is told. */
  const fill = (name: string, size: number) => {
    const members = Array.from({ length: size }, (_, index) => listen(name, `${name} ${index}`));
    for (const member of members) rooms.join(member);
    return members;
  };
  const roomOf = (name: string): Room<Listener> => {
    const room = rooms.get(name);
    if (room === undefined) throw new Error(`the room ${name} is empty`);
    return room;
  };
  const figures = () => ({ telling, encoded: rosters.size });
  return { clock, rooms, delivery, join, leave, fill, roomOf, figures };
}

const namesOf = (members: readonly Listener[]) => members.map(({ streamName }) => streamName);

describe('a small room', () => {
  test('is told every change at once, and nothing is kept of it', () => {
    const { clock, join, fill } = story({ cost: 100 });
    const others = fill('room', SMALL - 3);
    const newcomers = ['anna', 'ben', 'carl'].map((name) => join('room', name));
    expect(others[0]?.heard.map(({ streams }) => streams.length)).toEqual([SMALL - 2, SMALL - 1, SMALL]);
    expect(newcomers.map(({ heard }) => heard.length)).toEqual([3, 2, 1]);
    expect(clock.waiting).toBe(0);
  });

  test('is told at once though large rooms have used up their share, or what they sent is on its way', () => {
    const inFlight = new InFlight(1);
    const { join, fill, delivery, roomOf } = story({ cost: 10, inFlight });
    fill('large', 1_000);
    delivery.changed(roomOf('large'));
    inFlight.add(1);
    expect(join('small', 'anna').last).toEqual(['anna']);
  });

  test('that was large a moment ago is told at once by the change that makes it small', () => {
    const { clock, fill, delivery, leave, roomOf } = story({ cost: 10 });
    const [first, ...others] = fill('room', SMALL + 1);
    delivery.changed(roomOf('room'));
    if (first !== undefined) leave(first);
    expect(others.every(({ last }) => last.length === SMALL)).toBe(true);
    clock.advance(60_000);
    expect(others.every(({ heard }) => heard.length <= 2)).toBe(true);
  });
});

describe('a large room', () => {
  test('that has been quiet is told at once as far as a slice goes, and the rest in turns', () => {
    const { clock, fill, delivery, roomOf } = story({ cost: 1 });
    const members = fill('room', SMALL * 2);
    delivery.changed(roomOf('room'));
    expect(members.filter(({ heard }) => heard.length > 0)).toHaveLength(SLICE);
    clock.advance(60_000);
    expect(members.every(({ heard }) => heard.length === 1)).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('tells who is not reached yet the newest roster, and nobody the same one twice', () => {
    const { clock, fill, delivery, join, roomOf } = story({ cost: 1 });
    const members = fill('room', 200);
    delivery.changed(roomOf('room'));
    clock.advance(20);
    const newcomer = join('room', 'anna');
    clock.advance(60_000);
    const everybody = [...namesOf(members), 'anna'];
    for (const member of [...members, newcomer]) expect(member.last).toEqual(everybody);
    const late = members.filter(({ heard }) => heard.length === 1);
    expect(late.length).toBeGreaterThan(100);
    expect(newcomer.heard).toHaveLength(1);
  });

  test('tells a newcomer before the rest of its pass', () => {
    const { clock, fill, delivery, join, roomOf } = story({ cost: 1 });
    const members = fill('room', 1_000);
    delivery.changed(roomOf('room'));
    const newcomer = join('room', 'anna');
    clock.advance(3 * SLICE);
    expect(newcomer.last).toContain('anna');
    expect(members.at(-1)?.heard).toEqual([]);
  });

  test('shares a roster among the changes that come before somebody is told', () => {
    const { clock, fill, delivery, roomOf, figures } = story({ cost: 10 });
    fill('room', 100);
    const room = roomOf('room');
    while (figures().telling < CREDIT) {
      delivery.changed(room);
      clock.advance(1);
    }
    const before = figures().encoded;
    expect([delivery.changed(room), delivery.changed(room), delivery.changed(room)]).toEqual([
      false,
      true,
      true,
    ]);
    clock.advance(60_000);
    expect(figures().encoded).toBe(before + 1);
  });

  test('gets no more than its share of the time, however expensive it is and however often it changes', () => {
    const { clock, fill, delivery, roomOf, figures } = story({ cost: 0.25 });
    fill('room', 4_900);
    const startedAt = clock.now();
    while (clock.now() - startedAt < 20_000) {
      delivery.changed(roomOf('room'));
      clock.advance(250);
    }
    const share = (figures().telling - CREDIT - SLICE) / (clock.now() - startedAt);
    expect(share).toBeLessThanOrEqual(SHARE);
    expect(share).toBeGreaterThan(SHARE * 0.9);
  });

  test('takes turns with others: a quiet one is told while an expensive one goes on for seconds', () => {
    const { clock, fill, delivery, roomOf } = story({ cost: 0.25 });
    const expensive = fill('expensive', 4_900);
    const quiet = fill('quiet', 100);
    delivery.changed(roomOf('expensive'));
    clock.advance(200);
    delivery.changed(roomOf('quiet'));
    clock.advance(200);
    expect(quiet.every(({ heard }) => heard.length === 1)).toBe(true);
    expect(expensive.some(({ heard }) => heard.length === 0)).toBe(true);
  });

  test('is told, newcomers included, while the sockets of another room drain and drain', () => {
    const { clock, fill, delivery, join, roomOf } = story({ cost: 0.1 });
    const members = fill('quiet', 100);
    drainForEver(1_000);
    clock.advance(100);
    delivery.changed(roomOf('quiet'));
    const newcomer = join('quiet', 'anna');
    clock.advance(50);
    expect(newcomer.heard).toHaveLength(1);
    clock.advance(150);
    expect(members.every(({ last }) => last.at(-1) === 'anna')).toBe(true);

    /** So many sockets, each of which takes another piece as soon as it has taken one. */
    function drainForEver(sockets: number): void {
      const send = () => {
        clock.spend(0.1);
        clock.schedule(() => delivery.inTurn(() => send()), 0);
      };
      for (let socket = 0; socket < sockets; socket++) delivery.inTurn(() => send());
    }
  });

  test('never tells for longer than a slice in one turn', () => {
    const { clock, fill, delivery, roomOf } = story({ cost: 0.5 });
    const members = fill('room', 2_000);
    delivery.changed(roomOf('room'));
    clock.advance(60_000);
    const receivers = new Map<number, number>();
    for (const { heard } of members) {
      const turn = heard[0]?.turn ?? -1;
      receivers.set(turn, (receivers.get(turn) ?? 0) + 1);
    }
    expect([...receivers.values()].reduce((sum, count) => sum + count)).toBe(2_000);
    expect(Math.max(...receivers.values())).toBeLessThanOrEqual(SLICE / 0.5);
  });

  test('that empties is not told any more, and keeps no timer', () => {
    const { clock, fill, delivery, leave, roomOf } = story({ cost: 1 });
    const members = fill('room', 100);
    delivery.changed(roomOf('room'));
    for (const member of members) leave(member);
    expect(clock.waiting).toBe(0);
  });

  test('does not tell a newcomer that has left before its turn', () => {
    const { clock, fill, delivery, join, leave, roomOf } = story({ cost: 10 });
    fill('room', 100);
    for (let change = 0; change < 10; change++) delivery.changed(roomOf('room'));
    const newcomer = join('room', 'anna');
    leave(newcomer);
    clock.advance(60_000);
    expect(newcomer.heard).toEqual([]);
  });
});

describe('a member that is behind', () => {
  test.each([SMALL - 10, SMALL * 4])(
    'in a room of %i gets the newest roster once it can take one',
    (size) => {
      const { clock, fill, delivery, join, roomOf } = story();
      const [slow] = fill('room', size);
      if (slow === undefined) throw new Error('the room is empty');
      slow.busy = true;
      for (const name of ['anna', 'ben']) join('room', name);
      clock.advance(1_000);
      expect(slow.heard).toEqual([]);
      slow.busy = false;
      delivery.catchUp(roomOf('room'), slow);
      expect(slow.heard).toHaveLength(1);
      expect(slow.last.slice(-2)).toEqual(['anna', 'ben']);
      clock.advance(1_000);
      expect(slow.heard).toHaveLength(1);
    },
  );

  test('takes the same roster as all others that catch up until the room changes again', () => {
    const { clock, fill, delivery, join, roomOf, figures } = story();
    const members = fill('room', 200);
    for (const member of members) member.busy = true;
    delivery.changed(roomOf('room'));
    clock.advance(1_000);
    for (const member of members) {
      member.busy = false;
      delivery.catchUp(roomOf('room'), member);
    }
    expect(figures().encoded).toBe(1);
    join('room', 'anna');
    clock.advance(1_000);
    expect(members.every(({ last }) => last.at(-1) === 'anna')).toBe(true);
    expect(figures().encoded).toBe(2);
  });

  test('is waited for by nobody', () => {
    const { clock, fill, delivery, roomOf } = story();
    const [slow, ...others] = fill('room', 200);
    if (slow !== undefined) slow.busy = true;
    delivery.changed(roomOf('room'));
    clock.advance(1_000);
    expect(others.every(({ heard }) => heard.length === 1)).toBe(true);
    expect(clock.waiting).toBe(0);
  });
});

describe("while the node's budget of bytes on their way is used up", () => {
  test('large rooms wait, members whose bytes leave go on, and all is told once there is room again', () => {
    const inFlight = new InFlight(1_000);
    const { clock, fill, delivery, roomOf } = story({ inFlight });
    const members = fill('room', 200);
    inFlight.add(1_000);
    delivery.changed(roomOf('room'));
    clock.advance(60_000);
    expect(members.some(({ heard }) => heard.length > 0)).toBe(false);
    expect(clock.waiting).toBe(0);
    const [lucky] = members;
    if (lucky !== undefined) delivery.catchUp(roomOf('room'), lucky);
    expect(lucky?.heard).toHaveLength(1);
    inFlight.remove(1);
    clock.advance(1_000);
    expect(members.every(({ heard }) => heard.length === 1)).toBe(true);
  });

  test('a pass stops where it is', () => {
    const inFlight = new InFlight(10);
    const { fill, delivery, roomOf } = story({ inFlight });
    const members = fill('room', 200);
    for (const member of members) {
      const take = member.take.bind(member);
      member.take = (roster) => {
        inFlight.add(1);
        return take(roster);
      };
    }
    delivery.changed(roomOf('room'));
    expect(members.filter(({ heard }) => heard.length > 0)).toHaveLength(10);
  });
});

test('nobody is told anything after the delivery is closed', () => {
  const { clock, fill, delivery, join, roomOf } = story({ cost: 10 });
  const [first] = fill('room', 100);
  delivery.changed(roomOf('room'));
  delivery.close();
  expect(clock.waiting).toBe(0);
  delivery.changed(roomOf('room'));
  if (first !== undefined) delivery.catchUp(roomOf('room'), first);
  expect(first?.heard).toHaveLength(1);
  expect(join('other', 'anna').heard).toEqual([]);
});

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
