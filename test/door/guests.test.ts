/** Who is not new in a locked room, by what this node has seen and others have told. */
import type { Person } from '../../src/door/policies/bans';
import { AWAY, BELIEVED, Guests, TELL } from '../../src/door/policies/guests';

/** Milliseconds since the epoch. */
const NOW = 1_764_000_000_000;

const anna: Person = { room: 'salon', streamName: 'anna', address: '203.0.113.7' };

/** A node's guests, after this. */
function guests(...steps: ((some: Guests) => void)[]): Guests {
  const some = new Guests();
  for (const step of steps) step(some);
  return some;
}
const joined =
  (person = anna) =>
  (some: Guests) =>
    some.joined(person);
const left =
  (at = NOW, person = anna) =>
  (some: Guests) =>
    some.left(person, at);
const removed =
  (at = NOW, person = anna) =>
  (some: Guests) =>
    some.removed(person, at);
/** Hears what another node tells at some time. */
const heard =
  (other: Guests, at = NOW, node = 'other') =>
  (some: Guests) =>
    some.hear(node, other.told(at), at + BELIEVED);

describe('a guest', () => {
  test('is known while one of its sockets is there, and for a minute after the last has left', () => {
    const some = guests(joined(), joined(), left(NOW - 10 * AWAY));
    expect(some.isKnown(anna, NOW)).toBe(true);
    left()(some);
    expect([some.isKnown(anna, NOW + AWAY - 1), some.isKnown(anna, NOW + AWAY)]).toEqual([true, false]);
    expect(guests().isKnown(anna, NOW)).toBe(false);
    expect(guests(left()).isKnown(anna, NOW)).toBe(false);
  });

  test.each<[string, Person, boolean]>([
    ['the same', { ...anna }, true],
    ['in another room', { ...anna, room: 'attic' }, false],
    ['of another name', { ...anna, streamName: 'ann' }, false],
    ['from another address', { ...anna, address: '203.0.113.8' }, false],
    ['with a subject', { ...anna, subject: 'u1' }, false],
  ])('is not somebody who is %s', (_what, other, isKnown) => {
    expect(guests(joined()).isKnown(other, NOW)).toBe(isKnown);
  });

  test('with a token is known by its subject, and without one by its network', () => {
    const some = guests(joined({ ...anna, subject: 'u1' }), joined({ ...anna, address: '2001:db8::1' }));
    expect(some.isKnown({ ...anna, subject: 'u1', address: '10.0.0.1' }, NOW)).toBe(true);
    expect(some.isKnown({ ...anna, subject: 'u2' }, NOW)).toBe(false);
    expect(some.isKnown({ ...anna, address: '2001:db8::2' }, NOW)).toBe(true);
  });

  test('that had left before the room was locked is one for the rest of its minute', () => {
    const some = guests((one) => one.leftBefore(anna, NOW - 10));
    expect([some.isKnown(anna, NOW + AWAY - 11), some.isKnown(anna, NOW + AWAY - 10)]).toEqual([true, false]);
    some.leftBefore(anna, NOW - 20);
    expect(some.isKnown(anna, NOW + AWAY - 11)).toBe(true);
    some.leftBefore(anna, NOW);
    expect(some.isKnown(anna, NOW + AWAY - 1)).toBe(true);
  });

  test('that an operator has removed is new, until it has been let in again', () => {
    const some = guests(joined(), left(), removed());
    expect(some.isKnown(anna, NOW)).toBe(false);
    joined()(some);
    expect(some.isKnown(anna, NOW)).toBe(true);
    left(NOW + 1)(some);
    expect(some.isKnown(anna, NOW + 1)).toBe(true);
  });
});

describe('what another node tells', () => {
  test('is believed for a while, and then no more', () => {
    const some = guests(heard(guests(joined())));
    expect(BELIEVED).toBe(AWAY + TELL);
    expect([some.isKnown(anna, NOW + BELIEVED - 1), some.isKnown(anna, NOW + BELIEVED)]).toEqual([
      true,
      false,
    ]);
    expect(some.isKnown({ ...anna, streamName: 'ben' }, NOW)).toBe(false);
  });

  test('is also who has left it within the last minute', () => {
    const other = guests(joined(), left(NOW - 10));
    const some = guests(heard(other));
    expect([some.isKnown(anna, NOW + AWAY - 11), some.isKnown(anna, NOW + AWAY - 10)]).toEqual([true, false]);
    expect(other.told(NOW + AWAY - 11)).toBeDefined();
    expect(other.told(NOW + AWAY - 10)).toBeUndefined();
  });

  test('is not taken for somebody who was removed since, here or there', () => {
    const known = guests(joined());
    expect(guests(heard(known), removed(NOW)).isKnown(anna, NOW)).toBe(false);
    expect(guests(heard(known), removed(NOW - 1)).isKnown(anna, NOW)).toBe(true);
    expect(guests(heard(guests(joined(), left(NOW))), removed(NOW)).isKnown(anna, NOW)).toBe(false);
    expect(guests(joined(), left(), heard(guests(removed(NOW)))).isKnown(anna, NOW)).toBe(false);
    expect(guests(joined(), left(), heard(guests(removed(NOW - 1)))).isKnown(anna, NOW)).toBe(true);
    const both = guests(
      joined(),
      left(),
      heard(guests(removed(NOW)), NOW, 'a'),
      heard(guests(removed(NOW - 9)), NOW, 'b'),
    );
    expect(both.isKnown(anna, NOW)).toBe(false);
  });

  test('is over when it has nobody any more, and counts for each node', () => {
    const some = guests(heard(guests(joined()), NOW, 'a'), heard(guests(joined()), NOW, 'b'));
    some.hear('a', undefined, NOW + BELIEVED);
    expect(some.isKnown(anna, NOW)).toBe(true);
    some.hear('b', undefined, NOW + BELIEVED);
    expect(some.isKnown(anna, NOW)).toBe(false);
  });

  test.each(['', 'null', '{}', '[]', '[1,{}]', '[["a"],null]', '[["a"],7]', '["a",{},{}]'])(
    'is nothing where it is %j, and what it told before is over',
    (text) => {
      const some = guests(heard(guests(joined())));
      some.hear('other', text, NOW + BELIEVED);
      expect(some.isKnown(anna, NOW)).toBe(false);
    },
  );

  test('may leave out who was removed, and have times that are none', () => {
    const [digest] = JSON.parse(guests(joined()).told(NOW) ?? '')[0];
    const some = guests();
    some.hear('other', JSON.stringify([[], { [digest]: 'x' }]), NOW + BELIEVED);
    expect(some.isKnown(anna, NOW)).toBe(false);
    some.hear('other', JSON.stringify([[], { [digest]: NOW }, { [digest]: 'x' }]), NOW + BELIEVED);
    expect(some.isKnown(anna, NOW)).toBe(true);
  });
});

describe('what a node tells', () => {
  test('is digests of those who are there, have left, or were removed; nothing where there are none', () => {
    const ben = { ...anna, streamName: 'ben' };
    const carl = { ...anna, streamName: 'carl' };
    const some = guests(joined(), joined(ben), left(NOW, ben), removed(NOW + 1, carl));
    const [present, gone, dismissed] = JSON.parse(some.told(NOW) ?? '');
    expect(present).toEqual([expect.stringMatching(/^[\w-]{12}$/)]);
    expect([Object.values(gone), Object.values(dismissed)]).toEqual([[NOW], [NOW + 1]]);
    expect(guests().told(NOW)).toBeUndefined();
  });

  test('is who was removed for as long as others believe what they heard before', () => {
    const some = guests(removed());
    expect(some.told(NOW + BELIEVED - 1)).toBeDefined();
    expect(some.told(NOW + BELIEVED)).toBeUndefined();
  });

  test('has 10,000 guests at most', () => {
    const some = guests();
    const many = (count: number, from = 0) => {
      for (let n = from; n < from + count; n++) some.joined({ ...anna, streamName: `${n}` });
    };
    const told = () => JSON.parse(some.told(NOW) ?? '')[0].length;
    many(10_000);
    expect(told()).toBe(10_000);
    many(5, 10_000);
    expect(told()).toBe(10_000);
    for (let n = 0; n < 10_001; n++) some.removed({ ...anna, streamName: `${n}` }, NOW + n);
    const times = Object.values<number>(JSON.parse(some.told(NOW) ?? '')[2]);
    expect([times.length, Math.min(...times)]).toEqual([10_000, NOW + 1]);
  });
});
