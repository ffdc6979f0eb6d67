import { Pacer } from '../../src/backplane/pacer';
import { Rotation } from '../../src/backplane/rotation';
import { ManualClock } from '../helpers/manual-clock';

const PAUSE = 20;

/** A pacer whose lists are answered when the test says so. */
function start(burst = 0, isReleased = true) {
  const clock = new ManualClock();
  const sentAt: number[] = [];
  let answer: { now: () => void; fail: () => void } | undefined;
  const pacer = new Pacer(clock, burst, () => {
    sentAt.push(clock.now());
    return new Promise((resolve, reject) => {
      answer = { now: () => resolve(PAUSE), fail: () => reject(new Error('the link is lost')) };
    });
  });
  if (isReleased) pacer.release();
  const settle = async (how: 'now' | 'fail') => {
    answer?.[how]();
    await new Promise(setImmediate);
  };
  return { clock, pacer, sentAt, answered: () => settle('now'), failed: () => settle('fail') };
}

describe('a room is sent', () => {
  test('at the first change, and after a pause for all that changed meanwhile', async () => {
    const { clock, pacer, sentAt, answered } = start();
    pacer.changed();
    await answered();
    pacer.changed();
    pacer.changed();
    expect(clock.waiting).toBe(1);
    clock.advance(PAUSE - 1);
    expect(sentAt).toEqual([0]);
    clock.advance(1);
    expect(sentAt).toEqual([0, PAUSE]);
    await answered();
    clock.advance(1000);
    expect(sentAt).toEqual([0, PAUSE]);
    expect(pacer.idle).toBe(true);
  });

  test('at once, as long as it owes fewer pauses than a burst has; then at their pace', async () => {
    const { clock, pacer, sentAt, answered } = start(2 * PAUSE);
    for (let change = 0; change < 6; change++) {
      pacer.changed();
      await answered();
    }
    expect(sentAt).toEqual([0, 0, 0]);
    for (let time = 0; time < 4 * PAUSE; time++) {
      clock.advance(1);
      await answered();
      pacer.changed();
    }
    expect(sentAt.slice(3)).toEqual([PAUSE, 2 * PAUSE, 3 * PAUSE, 4 * PAUSE]);
  });

  test('never before the list ahead is answered: a slow Redis gets no queue', async () => {
    const { clock, pacer, sentAt, answered } = start();
    for (let i = 0; i < 100; i++) {
      pacer.changed();
      clock.advance(PAUSE);
    }
    expect(sentAt).toEqual([0]);
    await answered();
    expect(sentAt).toEqual([0, 100 * PAUSE]);
  });

  test('not while nothing can be sent, and then once', async () => {
    const { clock, pacer, sentAt, answered } = start();
    pacer.hold();
    pacer.changed();
    pacer.changed();
    clock.advance(1000);
    expect(sentAt).toEqual([]);
    pacer.release();
    await answered();
    expect(sentAt).toEqual([1000]);
  });

  test('not before that is allowed first', () => {
    const { pacer, sentAt } = start(0, false);
    pacer.changed();
    expect(sentAt).toEqual([]);
    pacer.release();
    expect(sentAt).toEqual([0]);
  });

  test('again when sending has failed', async () => {
    const { clock, pacer, sentAt, answered, failed } = start();
    pacer.changed();
    await failed();
    clock.advance(500);
    expect(sentAt).toEqual([0]);
    expect(pacer.idle).toBe(false);
    pacer.release();
    await answered();
    expect(sentAt).toEqual([0, 500]);
  });
});

describe('the rotation', () => {
  test('gives everyone one turn in a period, however few or many there are', () => {
    for (const size of [1, 3, 100, 12_345]) {
      const items = Array.from({ length: size }, (_, index) => index);
      const rotation = new Rotation(() => items.values());
      const taken = Array.from({ length: 1000 }, () => rotation.next(1 / 1000, size)).flat();
      expect(taken.length).toBeGreaterThanOrEqual(size - 1);
      expect(taken.length).toBeLessThanOrEqual(size);
      expect(new Set(taken).size).toBe(taken.length);
    }
  });

  test('an empty collection has no turns, and saves none up', () => {
    const items = new Set<string>();
    const rotation = new Rotation(() => items.values());
    expect(rotation.next(0.5, 0)).toEqual([]);
    items.add('a').add('b');
    expect(rotation.next(0.5, 2)).toEqual(['a']);
    expect(rotation.next(5, 2)).toEqual(['b', 'a']);
  });
});
