/** Whose turn it is, and when: jobs that a test plays, by a clock that it moves. */
import { setImmediate as settled } from 'node:timers/promises';
import { Courier, type Job, type Turn } from '../../src/hooks/courier';
import { ManualClock } from '../helpers/manual-clock';

const SECOND = 1_000;
const SENT: Turn = { rest: 0 };

/** Its turns end as it is told, one after the other, and then with nothing to send. */
class TestJob implements Job {
  /** When it had its turns, in milliseconds. */
  readonly turns: number[] = [];
  readonly #clock: ManualClock;
  readonly #ends: (Turn | Promise<Turn>)[];

  constructor(clock: ManualClock, ends: readonly (Turn | Promise<Turn>)[]) {
    this.#clock = clock;
    this.#ends = [...ends];
  }

  async turn(): Promise<Turn> {
    this.turns.push(this.#clock.now());
    return this.#ends.shift() ?? 'idle';
  }
}

function story({ mostAtOnce = 10, random = 0 } = {}) {
  const clock = new ManualClock();
  const away: boolean[] = [];
  const courier = new Courier({
    ...{ clock, mostAtOnce, random: () => random },
    onAway: (isAway) => away.push(isAway),
  });
  const job = (...ends: readonly (Turn | Promise<Turn>)[]) => new TestJob(clock, ends);
  const pass = async (milliseconds: number, step = milliseconds) => {
    for (let passed = 0; passed < milliseconds; passed += step) {
      clock.advance(step);
      await settled();
    }
  };
  const now = async () => {
    clock.advance(0);
    await settled();
  };
  /** Three jobs fail, which is once too often. */
  const goAway = async () => {
    for (let failed = 0; failed < 3; failed++) courier.add(job('failed'));
    await now();
  };
  return { clock, courier, away, job, pass, now, goAway };
}

describe('a job', () => {
  test('has its turn soon, and another one as long as there is something else', async () => {
    const { courier, job, now } = story();
    const one = job('again', 'again', SENT);
    courier.add(one);
    courier.add(one);
    expect([one.turns, courier.size, courier.running]).toEqual([[], 1, 0]);
    await now();
    expect([one.turns.length, courier.size, courier.running]).toEqual([4, 0, 0]);
    await now();
    expect(one.turns).toHaveLength(4);
  });

  test('that is asked for during its turn has another one after it', async () => {
    const { courier, job, now } = story();
    let end: (turn: Turn) => void = () => {};
    const one = job(
      new Promise<Turn>((resolve) => {
        end = resolve;
      }),
    );
    courier.add(one);
    await now();
    courier.add(one);
    courier.add(one);
    await now();
    expect([one.turns.length, courier.size, courier.running]).toEqual([1, 1, 1]);
    end('idle');
    await settled();
    expect([one.turns.length, courier.size]).toEqual([2, 0]);
  });

  test('waits while as many as may run do, and no longer', async () => {
    const { courier, job, now } = story({ mostAtOnce: 2 });
    const ends: ((turn: Turn) => void)[] = [];
    const slow = () => job(new Promise<Turn>((resolve) => ends.push(resolve)));
    const jobs = [slow(), slow(), slow()];
    for (const one of jobs) courier.add(one);
    await now();
    expect([jobs.map(({ turns }) => turns.length), courier.running, courier.size]).toEqual([[1, 1, 0], 2, 3]);
    ends[0]?.('idle');
    await settled();
    expect(jobs.map(({ turns }) => turns.length)).toEqual([1, 1, 1]);
  });

  test('that has sent something rests for as long as it says, whoever asks for it', async () => {
    const { clock, courier, job, now, pass } = story();
    const one = job({ rest: 25 }, SENT);
    courier.add(one);
    await now();
    courier.add(one);
    expect([courier.size, clock.waiting]).toEqual([1, 1]);
    await pass(24);
    expect(one.turns).toEqual([0]);
    await pass(1);
    expect([one.turns, courier.size]).toEqual([[0, 25, 25], 0]);
  });
});

describe('a job that fails', () => {
  /** Lets another one succeed between two failures, since three in a row are another matter. */
  async function failures(count: number, random: number, ...before: Turn[]) {
    const { courier, job, now, pass } = story({ random });
    const one = job(...before, ...Array<Turn>(count).fill('failed'));
    courier.add(one);
    for (let passed = 0; passed < 5_000; passed++) {
      await now();
      courier.add(job(SENT));
      await now();
      await pass(SECOND);
    }
    return one.turns
      .slice(before.length)
      .map((at, index, all) => at - (all[index - 1] ?? at))
      .slice(1);
  }

  test('waits for a second, twice as long each time, and ten minutes at most', async () => {
    expect(await failures(12, 0)).toEqual([
      ...[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600].map((seconds) => seconds * SECOND),
    ]);
  });

  test('waits for up to a fifth less by chance', async () => {
    const { courier, job, now, pass } = story({ random: 0.5 });
    const one = job('failed');
    courier.add(one);
    await now();
    await pass(899);
    expect(one.turns).toHaveLength(1);
    await pass(1);
    expect(one.turns).toEqual([0, 900]);
  });

  test('waits for a second again after it has succeeded', async () => {
    const { courier, job, now, pass } = story();
    const one = job('failed', 'failed', SENT, 'failed');
    courier.add(one);
    await now();
    await pass(3 * SECOND, SECOND);
    expect(one.turns).toEqual([0, SECOND, 3 * SECOND, 3 * SECOND]);
    await pass(SECOND);
    expect(one.turns.at(-1)).toBe(4 * SECOND);
  });
});

describe('a receiver', () => {
  test('is away after three failures in a row, and then one job at a time asks for it, later each time', async () => {
    const { courier, away, job, pass, goAway } = story();
    courier.add(job('failed'));
    courier.add(job('failed'));
    courier.add(job(SENT));
    await pass(0.5);
    expect([courier.isAway, away]).toEqual([false, []]);
    const jobs = Array.from({ length: 5 }, () => job(...Array<Turn>(20).fill('failed')));
    await goAway();
    expect([courier.isAway, away]).toEqual([true, [true]]);
    for (const one of jobs) courier.add(one);
    await pass(160 * SECOND, SECOND / 4);
    const tries = jobs.flatMap(({ turns }) => turns).sort((a, b) => a - b);
    const pauses = tries.map((at, index) => at - (tries[index - 1] ?? 0.5));
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30, 30].map((seconds) => seconds * SECOND));
    expect(away).toEqual([true]);
  });

  test('that takes something is back: all that waited go on at once', async () => {
    const { courier, away, job, now, pass, goAway } = story();
    const waiting = job('failed', SENT);
    courier.add(waiting);
    await now();
    await goAway();
    const [first, second] = [job(SENT), job(SENT)];
    courier.add(first);
    courier.add(second);
    await pass(999);
    expect([first.turns, second.turns]).toEqual([[], []]);
    await pass(1);
    expect([courier.isAway, away, courier.size]).toEqual([false, [true, false], 0]);
    expect([first.turns.length, second.turns.length, waiting.turns.length]).toEqual([2, 2, 3]);
  });

  test('that wants no more is away at once, and asked after ten minutes', async () => {
    const { courier, away, job, now, pass } = story();
    const one = job('gone', 'gone', SENT);
    courier.add(one);
    await now();
    expect([courier.isAway, away]).toEqual([true, [true]]);
    await pass(600 * SECOND - 1);
    expect(one.turns).toEqual([0]);
    await pass(1);
    await pass(600 * SECOND);
    expect([one.turns.slice(0, 3), away]).toEqual([
      [0, 600 * SECOND, 1_200 * SECOND],
      [true, false],
    ]);
  });

  test('that has taken something else is back, and asked after a second when it is away again', async () => {
    const { clock, courier, away, job, now, pass, goAway } = story();
    courier.reached();
    expect([away, clock.waiting]).toEqual([[], 0]);
    const one = job('gone', 'gone');
    courier.add(one);
    await now();
    courier.reached();
    expect([courier.isAway, away]).toEqual([false, [true, false]]);
    await now();
    expect(one.turns).toEqual([0, 0]);
    courier.reached();
    await now();
    expect([one.turns, clock.waiting, courier.size]).toEqual([[0, 0, 0], 0, 0]);
    await goAway();
    const next = job(SENT);
    courier.add(next);
    await pass(SECOND);
    expect(next.turns[0]).toBe(SECOND);
  });
});

describe('messages', () => {
  test('are 500 a second at most, after a burst of 100', async () => {
    const { courier, job, now, pass } = story();
    const one = job(...Array<Turn>(2_000).fill(SENT));
    courier.add(one);
    await now();
    expect(one.turns).toHaveLength(101);
    await pass(SECOND, 1);
    expect(one.turns).toHaveLength(601);
  });

  test('that are none cost nothing', async () => {
    const { courier, job, now } = story({ mostAtOnce: 1 });
    const jobs = Array.from({ length: 300 }, () => job('idle'));
    for (const one of jobs) courier.add(one);
    await now();
    expect(courier.size).toBe(0);
  });

  test('are as fast as can be once nobody is in the way', async () => {
    const { courier, job, now } = story();
    const one = job(...Array<Turn>(2_000).fill(SENT));
    courier.hurry();
    courier.add(one);
    await now();
    expect(one.turns).toHaveLength(2_001);
  });
});

test('once it has stopped, no turn begins, and no timer is kept', async () => {
  const { clock, courier, away, job, now } = story();
  let end: (turn: Turn) => void = () => {};
  const running = job(
    new Promise<Turn>((resolve) => {
      end = resolve;
    }),
  );
  const [waiting, ready] = [job({ rest: 25 }), job()];
  courier.add(running);
  courier.add(waiting);
  await now();
  courier.add(ready);
  courier.add(running);
  courier.stop();
  courier.add(job());
  courier.reached();
  expect([clock.waiting, courier.size, courier.running]).toEqual([0, 1, 1]);
  end('again');
  await now();
  expect([running.turns.length, waiting.turns.length, ready.turns.length]).toEqual([1, 1, 0]);
  expect([clock.waiting, courier.size, away]).toEqual([0, 0, []]);
});

test('a receiver that is away when all stops is not asked any more', async () => {
  const { clock, courier, goAway } = story();
  await goAway();
  expect(clock.waiting).toBeGreaterThan(0);
  courier.stop();
  expect([clock.waiting, courier.isAway]).toEqual([0, true]);
  courier.reached();
  expect(courier.isAway).toBe(true);
});
