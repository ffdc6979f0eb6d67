import type { Asker } from '../../src/conference/askers';
import { CREDIT, Credit, SHARE } from '../../src/conference/credit';
import { SLICE, SMALL } from '../../src/conference/delivery';
import { InFlight } from '../../src/conference/in-flight';
import { LONGEST_REST, REST } from '../../src/conference/rests';
import { type Listener, story } from '../helpers/delivery-story';

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

  test('rests when all were told, ten times as long as that took: what changes meanwhile is told once', () => {
    const { clock, fill, delivery, join, roomOf } = story({ cost: 0.01 });
    const members = fill('room', 200);
    delivery.changed(roomOf('room'));
    expect(members.every(({ heard }) => heard.length === 1)).toBe(true);
    const newcomers = ['anna', 'ben', 'carl'].map((name) => join('room', name));
    expect(clock.waiting).toBe(1);
    clock.advance(REST * 2 - 1);
    expect([...members, ...newcomers].every(({ last }) => !last.includes('anna'))).toBe(true);
    clock.advance(2);
    expect(members.every(({ heard, last }) => heard.length === 2 && last.includes('carl'))).toBe(true);
    expect(newcomers.map(({ heard }) => heard.length)).toEqual([1, 1, 1]);
    clock.advance(REST * 10);
    const late = join('room', 'dora');
    expect(late.last).toContain('dora');
    clock.advance(60_000);
    expect(clock.waiting).toBe(0);
  });

  test('rests no longer than nobody notices, however long it was told', () => {
    const { clock, fill, delivery, join, roomOf } = story({ cost: 1 });
    const members = fill('room', 1_000);
    delivery.changed(roomOf('room'));
    while (members.at(-1)?.heard.length === 0) clock.advance(1);
    const newcomer = join('room', 'anna');
    clock.advance(LONGEST_REST + SLICE / SHARE);
    expect(newcomer.heard).toHaveLength(1);
  });

  test('that rests is told at once by the change that makes it small, and keeps no timer when it is empty', () => {
    const { clock, fill, delivery, leave, roomOf } = story({ cost: 0.01 });
    const members = fill('room', SMALL + 2);
    delivery.changed(roomOf('room'));
    const [first, second, ...others] = members;
    if (first !== undefined) leave(first);
    expect([clock.waiting, others[0]?.last.length]).toEqual([1, SMALL + 2]);
    if (second !== undefined) leave(second);
    expect([clock.waiting, others[0]?.last.length]).toEqual([0, SMALL]);
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

  test('that empties leaves the others their turns', () => {
    const { clock, fill, delivery, leave, roomOf } = story({ cost: 1 });
    const [members, others] = [fill('room', 100), fill('other', 100)];
    for (const room of ['room', 'other']) delivery.changed(roomOf(room));
    for (const member of members) leave(member);
    clock.advance(60_000);
    expect(others.every(({ heard }) => heard.length === 1)).toBe(true);
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

  test('of a small room makes nobody keep its roster', () => {
    const { fill, delivery, roomOf, figures } = story();
    for (const member of fill('room', SMALL)) delivery.catchUp(roomOf('room'), member);
    expect(figures().encoded).toBe(SMALL);
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

  test('pieces of what was begun have the whole slice', () => {
    const inFlight = new InFlight(1);
    const told = story({ cost: 1, inFlight });
    told.clock.spend(1_000);
    told.delivery.inTurn(() => told.clock.spend(CREDIT + 1));
    inFlight.add(1);
    told.fill('room', 100);
    told.delivery.changed(told.roomOf('room'));
    let sent = 0;
    for (let piece = 0; piece < SLICE; piece++) {
      told.delivery.inTurn(() => {
        sent++;
        told.clock.spend(1);
      });
    }
    told.clock.advance(1 / SHARE);
    expect(sent).toBe(SLICE);
  });

  test('its end is told once, and what is on its way is counted', () => {
    const inFlight = new InFlight(10);
    const onRoom = jest.fn();
    inFlight.onRoom = onRoom;
    inFlight.add(12);
    const calls = [1, 2, 3].map((bytes) => {
      inFlight.remove(bytes);
      return onRoom.mock.calls.length;
    });
    expect([calls, inFlight.bytes]).toEqual([[0, 1, 1], 6]);
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

describe('a piece of a large roster', () => {
  /** Large rooms owe three times as many milliseconds as this takes. */
  const owe = ({ clock, delivery }: ReturnType<typeof story>, milliseconds: number) => {
    clock.spend(1_000);
    delivery.inTurn(() => clock.spend(CREDIT + milliseconds));
  };

  test('is sent at once while large rooms have time left, and when they have some again', () => {
    const told = story();
    owe(told, 75);
    const send = jest.fn();
    told.delivery.inTurn(send);
    told.clock.advance(75 / SHARE - 1);
    expect(send).not.toHaveBeenCalled();
    told.clock.advance(1);
    expect(send).toHaveBeenCalledTimes(1);
    expect(told.clock.waiting).toBe(0);
    expect(told.reports).toEqual([]);
  });

  test('is sent before what large rooms have to tell, which still get half of the slice', () => {
    const told = story();
    owe(told, 1);
    const sent: number[] = [];
    for (let piece = 1; piece <= SLICE + 2; piece++) {
      told.delivery.inTurn(() => {
        sent.push(piece);
        told.clock.spend(1);
      });
    }
    const members = told.fill('room', 100);
    told.delivery.changed(told.roomOf('room'));
    told.clock.advance(1 / SHARE);
    expect(sent).toEqual([1, 2, 3]);
    expect(members.every(({ heard }) => heard.length === 1)).toBe(true);
    told.clock.advance(60_000);
    expect(sent).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('waits until nothing is owed, though its timer comes a little early', () => {
    const told = story();
    const schedule = told.clock.schedule.bind(told.clock);
    told.clock.schedule = (task, delay) => schedule(task, Math.max(0, delay - 0.5));
    owe(told, 1);
    const send = jest.fn();
    told.delivery.inTurn(send);
    told.clock.advance(1 / SHARE - 0.5);
    expect(send).not.toHaveBeenCalled();
    told.clock.advance(0.5);
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('has the whole slice, with the others, where large rooms have nothing to tell; that is reported', () => {
    const told = story();
    owe(told, 1);
    let sent = 0;
    for (let piece = 0; piece < SLICE * 2; piece++) {
      told.delivery.inTurn(() => {
        sent++;
        told.clock.spend(1);
      });
    }
    told.clock.advance(1 / SHARE);
    expect(sent).toBe(SLICE);
    expect(told.reports).toEqual([{ receivers: 0, bytes: 0, duration: SLICE }]);
  });

  test('waits for those before it, even when there is time', () => {
    const told = story();
    owe(told, 1);
    const sent: string[] = [];
    told.delivery.inTurn(() => sent.push('first'));
    told.clock.spend(1_000);
    told.delivery.inTurn(() => sent.push('second'));
    expect(sent).toEqual([]);
    told.clock.advance(0);
    expect(sent).toEqual(['first', 'second']);
  });

  test('is not lost when a room empties', () => {
    const told = story();
    owe(told, 1);
    const send = jest.fn();
    told.delivery.inTurn(send);
    told.leave(told.join('room', 'anna'));
    told.clock.advance(1_000);
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('is sent at once when all is over, those that wait included', () => {
    const told = story();
    owe(told, 1);
    const sent: string[] = [];
    told.delivery.inTurn(() => sent.push('first'));
    told.delivery.close();
    told.delivery.inTurn(() => sent.push('second'));
    expect(sent).toEqual(['first', 'second']);
    expect(told.clock.waiting).toBe(0);
    told.delivery.close();
    expect(sent).toHaveLength(2);
  });

  test('costs large rooms their time', () => {
    const told = story();
    owe(told, 10);
    const members = told.fill('room', 100);
    told.delivery.changed(told.roomOf('room'));
    told.clock.advance(10 / SHARE - 1);
    expect(members[0]?.heard).toEqual([]);
    told.clock.advance(2);
    expect(members[0]?.heard).toHaveLength(1);
  });
});

describe('a report says how many were told, how many bytes each, and how long it took', () => {
  test('in a small room', () => {
    const { clock, fill, delivery, roomOf, reports } = story({ cost: 2 });
    clock.spend(1_000);
    const [busy] = fill('room', 4);
    if (busy !== undefined) busy.busy = true;
    delivery.changed(roomOf('room'));
    expect(reports).toEqual([{ receivers: 3, bytes: 1, duration: 6 }]);
  });

  test('in a large one, slice by slice', () => {
    const { clock, fill, delivery, roomOf, reports } = story({ cost: 1 });
    fill('room', SLICE * 11);
    delivery.changed(roomOf('room'));
    clock.advance(60_000);
    expect(reports).toEqual(
      Array.from({ length: 11 }, () => ({ receivers: SLICE, bytes: 1, duration: SLICE })),
    );
  });

  test('and nothing where nobody could take it', () => {
    const { clock, fill, delivery, roomOf, reports } = story();
    for (const member of fill('room', 60)) member.busy = true;
    delivery.changed(roomOf('room'));
    clock.advance(1_000);
    expect(reports).toEqual([]);
  });

  test('of a member that catches up', () => {
    const { clock, fill, delivery, roomOf, reports } = story({ cost: 3 });
    clock.spend(1_000);
    const [slow] = fill('room', 60);
    if (slow === undefined) throw new Error('the room is empty');
    slow.busy = true;
    delivery.catchUp(roomOf('room'), slow);
    expect(reports).toEqual([]);
    slow.busy = false;
    delivery.catchUp(roomOf('room'), slow);
    expect(reports).toEqual([{ receivers: 1, bytes: 1, duration: 3 }]);
  });
});

test('a room that rests is told nothing after the delivery is closed, and keeps no timer', () => {
  const { clock, fill, delivery, roomOf } = story({ cost: 0.01 });
  const members = fill('room', 100);
  for (let change = 0; change < 2; change++) delivery.changed(roomOf('room'));
  expect(clock.waiting).toBe(1);
  delivery.close();
  expect([clock.waiting, members.some(({ heard }) => heard.length > 1)]).toEqual([0, false]);
});

test.each([4, SMALL * 2])('of %i members, those that follow the changes are not counted', (size) => {
  const { clock, fill, delivery, roomOf, reports } = story();
  const [asker] = fill('room', size);
  if (asker === undefined) throw new Error('the room is empty');
  Object.assign(asker, { asker: {} as Asker });
  delivery.changed(roomOf('room'));
  clock.advance(60_000);
  expect(asker.heard).toHaveLength(1);
  delivery.catchUp(roomOf('room'), asker);
  expect(reports.map(({ receivers }) => receivers)).toEqual([size - 1, 0]);
});

test('what is owed is waited for once', () => {
  const credit = new Credit();
  credit.spend(CREDIT + 10, 100);
  expect([credit.wait(100), credit.wait(100 + 10 / SHARE), credit.wait(1_000)]).toEqual([10 / SHARE, 0, 0]);
});

test('nobody is told anything after the delivery is closed', () => {
  const { clock, fill, delivery, join, roomOf } = story({ cost: 10 });
  const [first] = fill('room', 100);
  delivery.changed(roomOf('room'));
  delivery.close();
  expect(clock.waiting).toBe(0);
  expect(delivery.changed(roomOf('room'))).toBe(false);
  if (first !== undefined) delivery.catchUp(roomOf('room'), first);
  expect(first?.heard).toHaveLength(1);
  expect(join('other', 'anna').heard).toEqual([]);
});
