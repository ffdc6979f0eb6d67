import { WindowLimit } from '../../src/listening/window-limit';
import { ManualClock } from '../helpers/manual-clock';

const STRANGER = '203.0.113.1';

function startLimit() {
  const clock = new ManualClock();
  const limit = new WindowLimit(20, clock);
  const guess = (address: string, times: number) => {
    for (let time = 0; time < times; time++) limit.count(address);
  };
  return { clock, limit, guess };
}

test('a limit of twenty allows twenty per second, for each address separately', () => {
  const { clock, limit, guess } = startLimit();
  guess(STRANGER, 19);
  expect(limit.isReached(STRANGER)).toBe(false);
  clock.advance(999);
  guess(STRANGER, 1);
  expect([limit.isReached(STRANGER), limit.isReached('203.0.113.2')]).toEqual([true, false]);
  clock.advance(1);
  expect(limit.isReached(STRANGER)).toBe(false);
});

test('no address exceeds fifty in any second', () => {
  const { clock, limit } = startLimit();
  const passed: number[] = [];
  for (let time = 0; time < 5_000; time++, clock.advance(1)) {
    if (limit.isReached(STRANGER)) continue;
    limit.count(STRANGER);
    passed.push(time);
  }
  const within = (start: number) => passed.filter((time) => time >= start && time < start + 1_000).length;
  expect(Math.max(...passed.map(within))).toBeLessThan(50);
});

test('addresses are forgotten when their second is over', () => {
  const { clock, limit, guess } = startLimit();
  for (let address = 0; address < 100; address++, clock.advance(20)) guess(`10.0.0.${address}`, 1);
  expect(limit.size).toBeLessThanOrEqual(50);
});

test('networks of one IPv6 site share sixteen times the limit', () => {
  const { limit, guess } = startLimit();
  for (let network = 0; network < 16; network++) guess(`2606:4700:1:${network}::1`, 20);
  expect([limit.isReached('2606:4700:1:99::1'), limit.isReached('2606:4700:2::1')]).toEqual([true, false]);
});
