import fc from 'fast-check';
import { delayBefore, shouldComeBack } from '../../src/client/come-back';
import { type Close, refusals } from '../../src/door/refusals';

const closes = Object.values(refusals).filter((refusal): refusal is Close => refusal.how === 'close');

test.each(closes)('the client does as the host’s table says after $code $name', ({ code, comeBack }) => {
  expect(shouldComeBack(code)).toBe(comeBack !== 'no');
  if (comeBack === 'at once') expect(delayBefore(1, code, 0)).toBe(0);
  if (comeBack === 'later') expect(delayBefore(1, code, 0)).toBeGreaterThan(delayBefore(1, 1006, 1));
});

test.each([
  ['protocol errors are final', [1002, 1003, 1007, 1009], false],
  ['so is leaving', [1000], false],
  ['what nobody said is not', [1005, 1006, 1011, 1012, 1013, 3000, 4999], true],
])('%s', (_, codes, expected) => {
  for (const code of codes) expect(shouldComeBack(code)).toBe(expected);
});

test('the delay grows, is random, and never exceeds 25 s', () => {
  const anyRandom = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.constantFrom(1001, 1006, 4429),
      anyRandom,
      (attempt, code, random) => {
        const delay = delayBefore(attempt, code, random);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(25_000);
        expect(delayBefore(attempt + 1, code, random)).toBeGreaterThanOrEqual(delay);
      },
    ),
  );
  expect(delayBefore(1, 1006, 0)).toBeLessThan(delayBefore(1, 1006, 1));
  expect(delayBefore(99, 1006, 1)).toBe(25_000);
});

test.each([
  ['the first loss', 1, 1006, 250, 500],
  ['the second', 2, 1006, 500, 1_000],
  ['the third', 3, 1006, 1_000, 2_000],
  ['a full room', 1, 4429, 2_000, 4_000],
  ['a room that is full again', 2, 4429, 4_000, 8_000],
  ['a host that stops, whose successor may be ready', 1, 1001, 0, 500],
  ['a successor that stops too', 2, 1001, 500, 1_000],
  ['an expired token', 1, 4410, 0, 0],
  ['a token that has expired again', 2, 4410, 500, 1_000],
])('after %s the client waits as long as chance says, within bounds', (_what, attempt, code, least, most) => {
  expect([delayBefore(attempt, code, 0), delayBefore(attempt, code, 1)]).toEqual([least, most]);
  expect(delayBefore(attempt, code, 0.5)).toBe((least + most) / 2);
});
