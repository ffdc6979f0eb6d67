import * as fc from 'fast-check';
import { Broadcaster, MAX_WAIT, PACE } from '../../src/conference/broadcaster';
import { ManualClock } from '../helpers/manual-clock';

/** A broadcaster whose rosters cost what the test says, and are written down with their time. */
function story(cost: (room: string) => number = () => 0) {
  const clock = new ManualClock();
  const told: [room: string, at: number][] = [];
  const broadcaster = new Broadcaster<string>(clock, (room) => {
    told.push([room, clock.now()]);
    clock.spend(cost(room));
  });
  return { clock, told, broadcaster };
}

describe('a broadcaster', () => {
  test('tells a quiet room at once, and a cheap one every change', () => {
    const { told, broadcaster, clock } = story(() => 0.9);
    for (let change = 0; change < 5; change++) expect(broadcaster.changed('room')).toBe(false);
    expect(told).toHaveLength(5);
    expect(clock.waiting).toBe(0);
  });

  test('lets a dear room wait for twice what its roster cost, and then tells it once', () => {
    const { told, broadcaster, clock } = story(() => 10);
    broadcaster.changed('room');
    expect(broadcaster.changed('room')).toBe(false);
    expect(broadcaster.changed('room')).toBe(true);
    expect(broadcaster.changed('room')).toBe(true);
    clock.advance(19);
    expect(told).toEqual([['room', 0]]);
    clock.advance(1);
    expect(told).toEqual([
      ['room', 0],
      ['room', 30],
    ]);
    clock.advance(1_000);
    expect(told).toHaveLength(2);
  });

  test('tells a dear room at once when it has been quiet for long enough', () => {
    const { told, broadcaster, clock } = story(() => 10);
    broadcaster.changed('room');
    clock.advance(20);
    broadcaster.changed('room');
    expect(told.map(([, at]) => at)).toEqual([0, 30]);
  });

  test('lets nobody wait for more than the bound, whatever a roster cost', () => {
    const { told, broadcaster, clock } = story(() => 5_000);
    broadcaster.changed('room');
    broadcaster.changed('room');
    clock.advance(250);
    expect(told.map(([, at]) => at)).toEqual([0, 5_250]);
  });

  test('never lets one room delay another', () => {
    const { told, broadcaster } = story((room) => (room === 'dear' ? 100 : 0));
    broadcaster.changed('dear');
    broadcaster.changed('dear');
    broadcaster.changed('small');
    expect(told.map(([room]) => room)).toEqual(['dear', 'small']);
  });

  test('cancels the roster of a room that empties', () => {
    const { told, broadcaster, clock } = story(() => 10);
    broadcaster.changed('room');
    broadcaster.changed('room');
    broadcaster.forget('room');
    expect(clock.waiting).toBe(0);
    clock.advance(1_000);
    expect(told).toHaveLength(1);
  });

  test('tells nobody after it is closed', () => {
    const { told, broadcaster, clock } = story(() => 10);
    for (const room of ['a', 'b', 'a', 'b']) broadcaster.changed(room);
    broadcaster.close();
    broadcaster.changed('c');
    expect(clock.waiting).toBe(0);
    expect(told.map(([room]) => room)).toEqual(['a', 'b']);
  });

  test('tells a change that comes while the room is being told right after, and not inside', () => {
    const clock = new ManualClock();
    let depth = 0;
    let told = 0;
    const broadcaster = new Broadcaster<string>(clock, () => {
      expect(++depth).toBe(1);
      if (++told === 1) broadcaster.changed('room');
      depth--;
    });
    broadcaster.changed('room');
    expect(told).toBe(2);
  });

  test('forgets a room that empties while it is being told', () => {
    const clock = new ManualClock();
    let told = 0;
    const broadcaster = new Broadcaster<string>(clock, () => {
      told++;
      clock.spend(10);
      broadcaster.changed('room');
      broadcaster.forget('room');
    });
    broadcaster.changed('room');
    clock.advance(1_000);
    expect([told, clock.waiting]).toEqual([1, 0]);
  });

  test('tells every receiver the truth when all is quiet, and spends no more than its share of the time', () => {
    const change = fc.record({
      room: fc.constantFrom('a', 'b', 'c'),
      pause: fc.nat({ max: 40 }),
      cost: fc.double({ min: 0, max: 80, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const clock = new ManualClock();
        const truth = new Map<string, number>();
        const heard = new Map<string, number>();
        const last = new Map<string, { end: number; cost: number }>();
        let cost = 0;
        const broadcaster = new Broadcaster<string>(clock, (room) => {
          const before = last.get(room);
          if (before && before.cost >= 1) {
            const due = Math.min(PACE * before.cost, MAX_WAIT);
            expect(clock.now() - before.end).toBeGreaterThanOrEqual(due - 1e-6);
          }
          heard.set(room, truth.get(room) ?? 0);
          clock.spend(cost);
          last.set(room, { end: clock.now(), cost });
        });
        for (const step of changes) {
          cost = step.cost;
          truth.set(step.room, (truth.get(step.room) ?? 0) + 1);
          broadcaster.changed(step.room);
          clock.advance(step.pause);
        }
        clock.advance(10 * MAX_WAIT);
        expect(heard).toEqual(truth);
        expect(clock.waiting).toBe(0);
      }),
    );
  });
});
