/** The parts of the start page that need no browser. */
import { type Refusal, refusals } from '../../src/door/refusals';
import { twoNames } from '../../src/http/pages/landing/names';
import { adviceFor, meaningOf } from '../../src/http/pages/landing/words';

test('two participants never share a name, nor the names of another tab', () => {
  const drawn = new Set(Array.from({ length: 200 }, twoNames).flat());
  expect(drawn.size).toBeGreaterThan(395);
  for (let pair = 0; pair < 200; pair++) {
    const [one, other] = twoNames();
    expect(one).not.toBe(other);
    expect(one[0]).not.toBe(other[0]);
  }
});

test.each(Object.values<Refusal>(refusals))('the start page says what to do about $name', (refusal) => {
  const advice = refusal.how === 'http' ? meaningOf(refusal.name) : adviceFor(refusal.code, refusal.reason);
  expect(advice).toMatch(/^[A-Z].*\.$/);
});

test.each([refusals.roomFull, refusals.nodeFull, refusals.tooManyFromAddress])(
  'it names the limit behind $name',
  ({ code, reason }) => {
    expect(adviceFor(code, reason)).toMatch(/\bMAX_[A-Z_]+/);
    expect(adviceFor(code, 'some other reason')).not.toMatch(/\bMAX_/);
  },
);
