import { BEAT_INTERVAL, type Beaten, Beats } from '../../src/sockets/beats';
import { ManualClock } from '../helpers/manual-clock';

/** Members that note when they were sent what. */
function story() {
  const clock = new ManualClock();
  const beats = new Beats(clock);
  const join = (id: number) => {
    const member = {
      id,
      sentAt: clock.now(),
      isBusy: false,
      beatTurn: 0,
      frames: [] as { readonly at: number; readonly text: string }[],
      say(frame: Uint8Array) {
        member.frames.push({ at: clock.now(), text: Buffer.from(frame.subarray(2)).toString() });
        member.sentAt = clock.now();
      },
    };
    beats.watch(member satisfies Beaten);
    return member;
  };
  return { clock, beats, join };
}

describe('beats', () => {
  test('come so often that no 15 s pass without a frame', () => {
    const { clock, join } = story();
    const member = join(1);
    clock.advance(300_000);
    const times = [0, ...member.frames.map(({ at }) => at)];
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(BEAT_INTERVAL - 500);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(9_000);
    expect(member.frames.every(({ text }) => text === '{"type":"beat"}')).toBe(true);
  });

  test('do not come where something else does', () => {
    const { clock, join } = story();
    const member = join(1);
    for (let second = 0; second < 100; second += 5) {
      clock.advance(5_000);
      member.sentAt = clock.now();
    }
    expect(member.frames).toEqual([]);
  });

  test('are spread for those that were told something at the same time', () => {
    const { clock, join } = story();
    const members = Array.from({ length: 1_000 }, (_, id) => join(id));
    clock.advance(15_000);
    const turns = new Map<number, number>();
    for (const { frames } of members) {
      expect(frames).toHaveLength(1);
      const at = frames[0]?.at ?? 0;
      turns.set(at, (turns.get(at) ?? 0) + 1);
    }
    expect(Math.max(...turns.values())).toBeLessThan(100);
  });

  test('wait behind a frame that is still on its way, and come soon after', () => {
    const { clock, join } = story();
    const member = join(1);
    member.isBusy = true;
    clock.advance(60_000);
    expect(member.frames).toEqual([]);
    member.isBusy = false;
    clock.advance(1_250);
    expect(member.frames).toHaveLength(1);
  });

  test('cost no timer where nobody is left', () => {
    const { clock, beats, join } = story();
    const [anna, ben] = [join(1), join(2)];
    clock.advance(1_000);
    beats.unwatch(anna);
    expect(clock.waiting).toBe(1);
    beats.unwatch(ben);
    beats.unwatch(ben);
    expect(clock.waiting).toBe(0);
    const cleo = join(3);
    clock.advance(15_000);
    expect(cleo.frames).toHaveLength(1);
  });

  test('still come to others who were due at the same time as somebody who has left', () => {
    const { clock, beats, join } = story();
    const [anna, ben] = [join(1), join(1)];
    beats.unwatch(anna);
    clock.advance(15_000);
    expect([anna.frames.length, ben.frames.length]).toEqual([0, 1]);
  });

  test('are made up for when the process has slept', () => {
    const { clock, join } = story();
    const member = join(1);
    clock.sleep(3_600_000);
    expect(member.frames).toHaveLength(1);
  });
});

describe('a goodbye', () => {
  test.each([
    [1, 1_000],
    [30, 1_000],
    [1_000, 2_500],
    [5_000, 3_000],
  ])('spreads the return of %i over the time until %i ms', (size, last) => {
    const { beats, join } = story();
    const members = Array.from({ length: size }, (_, id) => join(id));
    beats.sayGoodbye();
    const waits = members.map(({ frames }) => JSON.parse(frames[0]?.text ?? '').wait as number);
    expect(Math.max(...waits)).toBe(last);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    const half = waits.filter((wait) => wait <= (500 + last) / 2).length;
    expect(half).toBeGreaterThanOrEqual(Math.floor(size / 2) - 1);
    expect(half).toBeLessThanOrEqual(Math.ceil(size / 2) + 1);
  });
});
