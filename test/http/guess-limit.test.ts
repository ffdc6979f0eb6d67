import { GuessLimit } from '../../src/http/guess-limit';
import { ManualClock } from '../helpers/manual-clock';

function startLimit() {
  const clock = new ManualClock();
  const limit = new GuessLimit(clock);
  const guess = (address: string, times: number) => {
    for (let time = 0; time < times; time++) limit.count(address);
  };
  return { clock, limit, guess };
}

test('twenty wrong tokens within a second are the most, for each address by itself', () => {
  const { clock, limit, guess } = startLimit();
  guess('a', 19);
  expect(limit.isReached('a')).toBe(false);
  clock.advance(999);
  guess('a', 1);
  expect([limit.isReached('a'), limit.isReached('b')]).toEqual([true, false]);
  clock.advance(1);
  expect(limit.isReached('a')).toBe(false);
});

test('nobody comes to fifty within any second', () => {
  const { clock, limit } = startLimit();
  const passed: number[] = [];
  for (let time = 0; time < 5_000; time++, clock.advance(1)) {
    if (limit.isReached('a')) continue;
    limit.count('a');
    passed.push(time);
  }
  const within = (start: number) => passed.filter((time) => time >= start && time < start + 1_000).length;
  expect(Math.max(...passed.map(within))).toBeLessThan(50);
});

test('addresses are forgotten with their second', () => {
  const { clock, limit, guess } = startLimit();
  for (let address = 0; address < 100; address++, clock.advance(20)) guess(`address ${address}`, 1);
  expect(limit.size).toBeLessThanOrEqual(50);
});
