/** Entries that nodes hold together, bound by bound; test/door/policies.test.ts has what operators see of them. */
import { decodeEntry, type Entry, encodeEntry, Register } from '../../src/conference/register';

const DAY = 86_400_000;
/** Milliseconds since the epoch. */
const NOW = 1_000_000;
const LATER = NOW + 10;

const entry = (some: Partial<Entry> = {}): Entry => ({
  ...{ stamp: NOW, ends: LATER, kept: LATER, value: 'one' },
  ...some,
});

describe('an entry', () => {
  test('is written later than all that its writer knows of, whatever its clock says', () => {
    const register = new Register();
    expect(register.write('a', 'one', LATER, NOW)).toEqual(entry());
    expect(register.write('a', 'two', LATER, NOW - 1_000).stamp).toBe(NOW + 1);
    register.merge('b', entry({ stamp: NOW + 500 }), NOW);
    expect(register.write('b', 'two', LATER, NOW).stamp).toBe(NOW + 501);
    register.merge('c', entry({ stamp: NOW - 500 }), NOW);
    expect(register.write('c', 'two', LATER, NOW).stamp).toBe(NOW + 502);
  });

  test('that is taken back is kept for as long as what it has replaced would have counted', () => {
    const register = new Register();
    register.write('a', 'one', LATER, NOW);
    const takenBack = { stamp: NOW + 1, ends: NOW + 1, kept: LATER, value: undefined };
    expect(register.write('a', undefined, NOW + 1, NOW + 1)).toEqual(takenBack);
    expect(register.get('a')).toEqual(takenBack);
    expect(register.write('a', 'two', LATER + 5, NOW + 2).kept).toBe(LATER + 5);
  });

  test('of another node counts where it is newer, and is kept for the longer time of both', () => {
    const register = new Register();
    expect(register.merge('a', entry(), NOW)).toBe(true);
    expect(register.merge('a', entry({ stamp: NOW - 1, value: 'old', kept: LATER + 9 }), NOW)).toBe(false);
    expect(register.get('a')).toEqual(entry({ kept: LATER + 9 }));
    expect(register.merge('a', entry({ stamp: NOW + 1, value: 'new' }), NOW)).toBe(true);
    expect(register.get('a')).toEqual(entry({ stamp: NOW + 1, value: 'new', kept: LATER + 9 }));
    expect([...register.entries()]).toEqual([['a', register.get('a')]]);
  });

  test.each([
    ['ends', { ends: LATER + 1 }],
    ['value', { value: 'two' }],
  ])(
    'written at the same time as another one counts by its %s, and the same one does not count twice',
    (_, more) => {
      const register = new Register();
      expect(register.merge('a', entry(more), NOW)).toBe(true);
      expect(register.merge('a', entry(more), NOW)).toBe(false);
      expect(register.merge('a', entry(), NOW)).toBe(false);
      const other = new Register();
      other.merge('a', entry(), NOW);
      expect(other.merge('a', entry(more), NOW)).toBe(true);
      expect(other.get('a')).toEqual(register.get('a'));
    },
  );

  test('is not taken from a clock that is more than a day ahead', () => {
    const register = new Register();
    const far = { ends: NOW + 2 * DAY, kept: NOW + 2 * DAY };
    expect(register.merge('a', entry({ ...far, stamp: NOW + DAY + 1 }), NOW)).toBe(false);
    expect(register.get('a')).toBeUndefined();
    expect(register.merge('a', entry({ ...far, stamp: NOW + DAY }), NOW)).toBe(true);
  });

  test('is taken and remembered until its time is over', () => {
    const register = new Register();
    expect(register.merge('a', entry({ kept: NOW }), NOW)).toBe(false);
    expect(register.merge('a', entry({ kept: NOW + 1 }), NOW)).toBe(true);
    register.write('b', 'one', LATER, NOW);
    expect(register.forget(NOW)).toEqual([]);
    expect(register.forget(NOW + 1)).toEqual(['a']);
    expect([register.get('a'), register.get('b')?.value]).toEqual([undefined, 'one']);
  });
});

test('a register of 20,000 entries takes newer ones of those that it has, and no others', () => {
  const register = new Register();
  for (let n = 0; n < 19_999; n++) register.write(`${n}`, 'one', LATER, NOW);
  expect(register.isFull).toBe(false);
  expect(register.merge('last', entry(), NOW)).toBe(true);
  expect(register.isFull).toBe(true);
  expect(register.merge('more', entry(), NOW)).toBe(false);
  expect(register.merge('last', entry({ stamp: NOW + 1 }), NOW)).toBe(true);
});

describe('as text, an entry', () => {
  test.each([
    [entry({ value: 'ü"' }), `[1,${NOW},${LATER},${LATER},"ü\\""]`],
    [entry({ value: '' }), `[1,${NOW},${LATER},${LATER},""]`],
    [entry({ stamp: 0, ends: 0, kept: 0, value: undefined }), '[1,0,0,0,null]'],
  ])('%j is %s', (one, text) => {
    expect(encodeEntry(one)).toBe(text);
    expect(decodeEntry(text)).toEqual(one);
  });

  test.each([
    undefined,
    7,
    ['[1,0,0,0,null]'],
    '',
    'no JSON',
    'null',
    '{"0":1,"1":0,"2":0,"3":0,"4":null}',
    '[2,0,0,0,null]',
    '["1",0,0,0,null]',
    '[1,-1,0,0,null]',
    '[1,0,-1,0,null]',
    '[1,0,0,-1,null]',
    '[1,0.5,0,0,null]',
    '[1,0,"0",0,null]',
    '[1,0,0,1e16,null]',
    '[1,0,0,0,7]',
    '[1,0,0,0]',
  ])('is not %j', (text) => {
    expect(decodeEntry(text)).toBeUndefined();
  });

  test('has at most 256 Ki characters', () => {
    const text = (length: number) => `[1,0,0,0,"${'x'.repeat(length - 12)}"]`;
    expect(decodeEntry(text(256 * 1_024))?.value).toHaveLength(256 * 1_024 - 12);
    expect(decodeEntry(text(256 * 1_024 + 1))).toBeUndefined();
  });
});
