/** Who is banned, and what is in force: without a room, a socket or a clock. */
import type { Ban, BanTerms } from '../../src/conference/policies';
import { Bans, banId, type Person } from '../../src/door/policies/bans';
import { InForce } from '../../src/door/policies/in-force';
import { isInForce, rulesRefusal } from '../../src/door/policies/rules';
import { refusals } from '../../src/door/refusals';

const NOW = 1_000;
const LATER = NOW + 1;

const ban = (terms: BanTerms, until = LATER): Ban => ({ ...terms, id: banId(terms), until });
const anna: Person = { room: 'salon', streamName: 'anna', address: '203.0.113.7', subject: 'u1' };
const ANNA = { by: 'name', value: 'anna' } as const;

function bans(...all: readonly Ban[]): Bans {
  const some = new Bans();
  for (const one of all) some.put(one);
  return some;
}

describe('a ban', () => {
  test.each<[string, BanTerms, boolean]>([
    ['a name', ANNA, true],
    ['another name', { by: 'name', value: 'ann' }, false],
    ['a name that is a subject', { by: 'name', value: 'u1' }, false],
    ['a subject', { by: 'subject', value: 'u1' }, true],
    ['a subject that is a name', { by: 'subject', value: 'anna' }, false],
    ['an address', { by: 'address', value: '203.0.113.7/32' }, true],
    ['the address beside', { by: 'address', value: '203.0.113.6/32' }, false],
    ['a network', { by: 'address', value: '203.0.113.0/24' }, true],
    ['another network', { by: 'address', value: '203.0.112.0/24' }, false],
    ['a network of the other kind', { by: 'address', value: '2001:db8::/64' }, false],
    ['a name in the room', { ...ANNA, room: 'salon' }, true],
    ['a name in another room', { ...ANNA, room: 'attic' }, false],
  ])('of %s keeps out whom it means', (_what, terms, isMeant) => {
    const one = ban(terms);
    expect(bans(one).find(anna, NOW)).toBe(isMeant ? one : undefined);
  });

  test('of an IPv6 network keeps out who is in it', () => {
    const one = ban({ by: 'address', value: '2001:db8::/32' });
    const all = bans(one, ban({ by: 'address', value: '10.0.0.0/8' }));
    expect(all.find({ ...anna, address: '2001:db8:1::1' }, NOW)).toBe(one);
    expect(all.find({ ...anna, address: '2001:db9::1' }, NOW)).toBeUndefined();
    expect(all.find({ ...anna, address: '10.1.2.3' }, NOW)).toBeDefined();
  });

  test('counts until its time is over, and hides no other', () => {
    const everywhere = ban(ANNA, NOW + 5);
    const all = bans(ban({ ...ANNA, room: 'attic' }), ban({ ...ANNA, room: 'salon' }, NOW), everywhere);
    expect(all.find(anna, NOW + 4)).toBe(everywhere);
    expect(all.find(anna, NOW + 5)).toBeUndefined();
    expect(all.find({ ...anna, subject: undefined }, NOW)).toBe(everywhere);
  });

  test('replaces the one with the same terms, and is one of its own with others', () => {
    const all = bans(ban(ANNA, NOW), ban(ANNA), ban({ ...ANNA, room: 'salon' }));
    expect([all.size, Array.from(all.values(), ({ until }) => until)]).toEqual([2, [LATER, LATER]]);
    expect(banId({ ...ANNA, reason: 'why' })).toBe(banId(ANNA));
    expect(banId(ANNA)).toMatch(/^[\da-f]{16}$/);
  });

  test('that is lifted lets in whom no other keeps out', () => {
    const [one, other] = [
      ban({ by: 'address', value: '203.0.113.7/32' }),
      ban({ by: 'address', value: '203.0.113.9/32' }),
    ];
    const all = bans(one, other);
    all.delete(one.id);
    all.delete(one.id);
    all.delete('none');
    expect([all.size, all.get(one.id), all.get(other.id)]).toEqual([1, undefined, other]);
    expect(all.find(anna, NOW)).toBeUndefined();
    expect(all.find({ ...anna, address: '203.0.113.9' }, NOW)).toBe(other);
    const inRoom = ban({ ...ANNA, room: 'salon' });
    const names = bans(ban(ANNA), inRoom);
    names.delete(banId(ANNA));
    expect(names.find(anna, NOW)).toBe(inRoom);
  });
});

describe('the rules of a room', () => {
  const state = { roomSize: () => 2, isGuest: ({ streamName }: Person) => streamName === 'guest' };
  const held = <T>(value: T, until = LATER) => ({ value, until });
  const refusal = (...[rules, person = anna]: [Parameters<typeof rulesRefusal>[0], Person?]) =>
    rulesRefusal(rules, person, state, NOW);

  test('hold until their time is over', () => {
    expect([isInForce(undefined, NOW), isInForce(held(1, NOW), NOW), isInForce(held(1), NOW)]).toEqual([
      ...[false, false, true],
    ]);
    const over = {
      names: held(new Set<string>(), NOW),
      locked: held<true>(true, NOW),
      maxSize: held(1, NOW),
    };
    expect(refusal(over)).toBeUndefined();
  });

  test('let in who is named, is a guest, or has a place', () => {
    expect(refusal({ names: held(new Set(['ben'])) })).toBe(refusals.notListed);
    expect(refusal({ names: held(new Set(['anna'])) })).toBeUndefined();
    expect(refusal({ locked: held(true) })).toBe(refusals.locked);
    expect(refusal({ locked: held(true) }, { ...anna, streamName: 'guest' })).toBeUndefined();
    expect(refusal({ maxSize: held(3) })).toBeUndefined();
    expect(refusal({ maxSize: held(2) })).toMatchObject({
      ...{ code: refusals.roomFull.code, reason: 'the room is full: it takes 2' },
    });
  });

  test('are asked in order: names, lock, size', () => {
    const all = { names: held(new Set(['ben'])), locked: held<true>(true), maxSize: held(1) };
    expect(refusal(all)).toBe(refusals.notListed);
    expect(refusal({ ...all, names: held(new Set(['anna'])) })).toBe(refusals.locked);
  });
});

describe('what is in force', () => {
  test('is nothing until there is an order, and nothing again when the last one is lifted', () => {
    const some = new InForce();
    const counts = () => [some.roomCount, some.banCount, some.bans, some.rulesOf('salon')];
    expect(counts()).toEqual([0, 0, undefined, undefined]);
    expect([some.of('salon', NOW), some.sweep(NOW)]).toEqual([{}, []]);
    some.putRule('locked', 'salon', true, LATER);
    some.putBan(ban(ANNA));
    expect([some.roomCount, some.banCount, some.rulesOf('attic')]).toEqual([1, 1, undefined]);
    some.putRule('locked', 'salon', undefined, LATER);
    some.deleteBan(banId(ANNA));
    some.deleteBan(banId(ANNA));
    expect(counts()).toEqual([0, 0, undefined, undefined]);
  });

  test('is each rule for a time of its own', () => {
    const some = new InForce();
    some.putRule('maxSize', 'salon', 5, LATER + 1);
    some.putRule('locked', 'salon', true, LATER);
    some.putRule('names', 'salon', ['anna'], LATER + 2);
    some.putRule('locked', 'attic', true, LATER);
    const names = { value: ['anna'], until: LATER + 2 };
    expect(some.of('salon', NOW)).toEqual({
      ...{ maxSize: { value: 5, until: LATER + 1 }, locked: { value: true, until: LATER }, names },
    });
    expect(some.of('salon', LATER + 1)).toEqual({ names });
    expect([some.roomCount, some.of('attic', LATER)]).toEqual([2, {}]);
    some.sweep(LATER);
    expect([some.roomCount, Object.keys(some.rulesOf('salon') ?? {})]).toEqual([1, ['maxSize', 'names']]);
    some.putRule('names', 'salon', ['ben'], LATER + 9);
    expect(some.of('salon', LATER)).toMatchObject({
      maxSize: { value: 5 },
      names: { value: ['ben'], until: LATER + 9 },
    });
  });

  test.each([
    ['maxSize', 'many'],
    ['locked', 1],
    ['names', 'anna'],
  ] as const)('is not the rule %s of %j, which opens it', (rule, value) => {
    const some = new InForce();
    some.putRule('maxSize', 'salon', 5, LATER);
    some.putRule('locked', 'salon', true, LATER);
    some.putRule('names', 'salon', ['anna'], LATER);
    some.putRule(rule, 'salon', value, LATER);
    expect(Object.keys(some.rulesOf('salon') ?? {}).sort()).toEqual(
      ['locked', 'maxSize', 'names'].filter((other) => other !== rule),
    );
  });

  test('are bans until they are swept', () => {
    const some = new InForce();
    const [over, lasting] = [ban(ANNA, NOW), ban({ by: 'name', value: 'ben' })];
    some.putBan(over);
    some.putBan(lasting);
    expect([some.banCount, some.sweep(NOW), some.banCount]).toEqual([2, [over.id], 1]);
    expect([...(some.bans?.values() ?? [])]).toEqual([lasting]);
  });
});
