/** Who speaks for the rooms of a node that has died or left them. */
import { setImmediate as settled } from 'node:timers/promises';
import type { Ledger, Orphan } from '../../src/conference/ledger';
import { LOOK_FOR_ORPHANS, Successor } from '../../src/hooks/successor';
import { ManualClock } from '../helpers/manual-clock';

describe('a successor', () => {
  const GRACE = 5_000;
  /** Milliseconds after which nobody is in a room that nobody claims. */
  const NOBODY = GRACE + 12_000;

  function story() {
    const clock = new ManualClock();
    const adopted: string[] = [];
    const state = { isLinked: true, looks: 0, isBroken: false, orphans: [] as Orphan[] };
    const ledger = {
      get isLinked() {
        return state.isLinked;
      },
      orphans: async () => {
        state.looks++;
        if (state.isBroken) throw new Error('no ledger');
        return state.orphans;
      },
    } as Ledger;
    const successor = new Successor({
      ...{ ledger, clock, grace: GRACE },
      isHere: (room) => room === 'here',
      adopt: (room) => adopted.push(room),
    });
    const looks = async (times: number) => {
      for (let look = 0; look < times; look++) {
        clock.advance(LOOK_FOR_ORPHANS);
        await settled();
      }
    };
    return { clock, adopted, state, successor, looks };
  }

  test('looks every five seconds, and at once takes rooms that have somebody here', async () => {
    const { clock, adopted, state, successor, looks } = story();
    successor.start();
    state.orphans = [
      { room: 'here', age: 0 },
      { room: 'elsewhere', age: NOBODY },
    ];
    clock.advance(LOOK_FOR_ORPHANS - 1);
    await settled();
    expect(state.looks).toBe(0);
    clock.advance(1);
    await settled();
    expect([state.looks, adopted]).toEqual([1, ['here']]);
    state.orphans = [{ room: 'elsewhere', age: NOBODY + 1 }];
    await looks(3);
    expect(adopted).toEqual(['here', 'elsewhere']);
  });

  test('waits as long after it is linked, since others may be a little later', async () => {
    const { clock, adopted, state, successor, looks } = story();
    successor.start();
    state.orphans = [{ room: 'elsewhere', age: 10 * NOBODY }];
    await looks(3);
    successor.linked();
    await looks(3);
    expect([clock.now(), adopted]).toEqual([30_000, []]);
    await looks(1);
    expect(adopted).toEqual(['elsewhere']);
  });

  test('asks nothing without a link, and goes on after a failure', async () => {
    const { clock, adopted, state, successor, looks } = story();
    successor.start();
    state.orphans = [{ room: 'here', age: 0 }];
    state.isLinked = false;
    await looks(2);
    expect([state.looks, adopted]).toEqual([0, []]);
    state.isLinked = true;
    state.isBroken = true;
    await looks(2);
    state.isBroken = false;
    await looks(1);
    expect([state.looks, adopted]).toEqual([3, ['here']]);
    successor.stop();
    expect(clock.waiting).toBe(0);
  });

  test('may be stopped before it has started', () => {
    const { successor } = story();
    expect(() => successor.stop()).not.toThrow();
  });
});
