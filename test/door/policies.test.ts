/** Who may join a room with rules, and who is banned: decided without a socket, by a clock of the test's own. */
import fc from 'fast-check';
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  Register,
  type SharedRegister,
} from '../../src/conference/register';
import type { Person } from '../../src/door/policies/bans';
import { MOST_BANS, MOST_POLICIES, Policies } from '../../src/door/policies/policies';
import { refusals } from '../../src/door/refusals';
import { readNetwork } from '../../src/listening/network-names';
import { ManualClock } from '../helpers/manual-clock';

/** Noon of some day, in milliseconds. */
const NOON = 1_764_000_000_000;
const HOUR = 3_600_000;

/** What nodes that share one Redis tell each other, which is lost while `isCut`. */
class Wire {
  readonly stored = new Map<string, string>();
  readonly #hearers = new Set<(key: string, entry: Entry) => void>();
  isCut = false;

  link(): SharedRegister {
    const put = (key: string, entry: Entry) => {
      const held = decodeEntry(this.stored.get(key));
      if (held === undefined || held.stamp <= entry.stamp) this.stored.set(key, encodeEntry(entry));
      for (const hear of this.#hearers) hear(key, entry);
    };
    return {
      start: async (known, hear) => {
        this.#hearers.add(hear);
        for (const [key, text] of this.stored) {
          const entry = decodeEntry(text);
          if (entry !== undefined) hear(key, entry);
        }
        for (const [key, entry] of known()) put(key, entry);
      },
      tell: async (key, entry) => {
        if (!this.isCut) put(key, entry);
        return !this.isCut;
      },
      keeps: (key) => !this.isCut && this.stored.has(key),
      stop: () => {},
    };
  }
}

class Node {
  readonly clock: ManualClock;
  readonly policies: Policies;
  readonly members = new Set<Person>();
  readonly evicted: Person[] = [];

  constructor(clock = new ManualClock(), shared?: SharedRegister) {
    this.clock = clock;
    this.policies = new Policies({
      clock,
      now: () => this.now,
      shared,
      roomSize: (room) => [...this.members].filter((member) => member.room === room).length,
      members: (room) => [...this.members].filter((member) => member.room === room),
      evict: (isMeant, _refusal, room) => {
        const meant = [...this.members].filter((member) => isMeant(member));
        for (const member of meant) if (room === undefined || member.room === room) this.leave(member);
        this.evicted.push(...meant);
        return meant.length;
      },
    });
  }

  get now(): number {
    return NOON + this.clock.now();
  }

  /** @returns why it may not, or undefined where it is in the room now */
  join(person: Person): string | undefined {
    const refusal = this.policies.check(person);
    if (refusal !== undefined) return refusal.name;
    this.members.add(person);
    this.policies.joined(person);
    return undefined;
  }

  leave(person: Person, isRemoved = false): void {
    this.members.delete(person);
    this.policies.left(person, isRemoved);
  }
}

const person = (streamName: string, address = '203.0.113.1', subject?: string): Person => ({
  ...{ room: 'red5', streamName, address },
  ...(subject !== undefined && { subject }),
});

/** Two nodes that have started, and what carries their orders. */
async function twoNodes() {
  const clock = new ManualClock();
  const wire = new Wire();
  const [one, two] = [new Node(clock, wire.link()), new Node(clock, wire.link())];
  await Promise.all([one.policies.start(), two.policies.start()]);
  return { clock, wire, one, two };
}

describe('a locked room', () => {
  const lock = (node: Node, seconds = 3_600) =>
    node.policies.set('red5', { locked: true }, node.now + seconds * 1_000, true);

  test('lets in nobody new, and whoever was in it within the last minute', () => {
    const node = new Node();
    const anna = person('anna');
    node.join(anna);
    lock(node);
    expect(node.join(person('ben'))).toBe('locked');
    node.leave(anna);
    node.clock.advance(59_999);
    expect(node.join(anna)).toBeUndefined();
    node.leave(anna);
    node.clock.advance(60_000);
    expect(node.join(anna)).toBe('locked');
  });

  test('lets in who had left shortly before it was locked, and nobody who had left earlier', () => {
    const node = new Node();
    const [early, late] = [person('early'), person('late')];
    node.join(early);
    node.join(late);
    node.leave(early);
    node.clock.advance(30_000);
    node.leave(late);
    node.clock.advance(30_000);
    lock(node);
    expect(node.join(late)).toBeUndefined();
    expect(node.join(early)).toBe('locked');
  });

  test('a stranger cannot take the name of a guest, and a guest with a token may change its address', () => {
    const node = new Node();
    node.join(person('anna'));
    node.join(person('ben', '203.0.113.1', 'user-2'));
    lock(node);
    expect(node.join(person('anna', '198.51.100.9'))).toBe('locked');
    expect(node.join(person('anna', '203.0.113.1', 'user-3'))).toBe('locked');
    expect(node.join(person('ben', '198.51.100.9', 'user-2'))).toBeUndefined();
    expect(node.join(person('carl', '203.0.113.1', 'user-2'))).toBe('locked');
  });

  test('is open again when its time is over, or the operator says so', () => {
    const node = new Node();
    lock(node, 10);
    expect(node.join(person('anna'))).toBe('locked');
    node.clock.advance(10_000);
    expect(node.join(person('anna'))).toBeUndefined();
    lock(node);
    node.policies.open('red5');
    expect(node.join(person('ben'))).toBeUndefined();
    expect(node.policies.open('red5')).toBeUndefined();
  });

  test('a guest is there as long as one of its sockets is', () => {
    const node = new Node();
    const [first, second] = [person('anna'), person('anna')];
    node.join(first);
    lock(node);
    node.join(second);
    node.leave(first);
    node.clock.advance(600_000);
    expect(node.join(person('anna'))).toBeUndefined();
  });

  test('who has left on another node may come back to this one for a minute', async () => {
    const { clock, one, two } = await twoNodes();
    const anna = person('anna');
    two.join(anna);
    lock(one);
    clock.advance(599_000);
    two.leave(anna);
    clock.advance(59_000);
    expect(one.policies.check(anna)).toBeUndefined();
    clock.advance(2_000);
    expect(one.policies.check(anna)?.name).toBe('locked');
  });

  test('who is removed is new on all nodes, wherever it was before', async () => {
    const { clock, one, two } = await twoNodes();
    const anna = person('anna');
    one.join(anna);
    lock(one);
    one.leave(anna);
    two.join(anna);
    clock.advance(21_000);
    two.leave(anna, true);
    clock.advance(1_000);
    expect(one.policies.check(anna)?.name).toBe('locked');
    expect(two.policies.check(anna)?.name).toBe('locked');
  });

  test('whoever is in it on another node is not new on this one, nor after that node has died', async () => {
    const { clock, wire, one, two } = await twoNodes();
    const anna = person('anna');
    two.join(anna);
    await lock(one)?.heldBy;
    clock.advance(600_000);
    two.policies.stop();
    expect(one.join(anna)).toBeUndefined();
    expect(one.join(person('anna', '198.51.100.9'))).toBe('locked');
    one.leave(anna);
    const three = new Node(clock, wire.link());
    await three.policies.start();
    expect(three.join(anna)).toBeUndefined();
    expect(three.join(person('ben'))).toBe('locked');
  });
});

test('a size, a list of names and a lock are each for a time of their own', () => {
  const node = new Node();
  const { policies } = node;
  policies.set('red5', { maxSize: 1 }, node.now + HOUR, true);
  policies.set('red5', { names: ['anna', 'ben'] }, node.now + 2 * HOUR, false);
  expect(node.join(person('carl'))).toBe('not_listed');
  expect(node.join(person('anna'))).toBeUndefined();
  expect(node.join(person('ben'))).toBe('room_full');
  expect(policies.check(person('ben'))).toMatchObject({ code: 4429, reason: 'the room is full: it takes 1' });
  node.clock.advance(HOUR);
  expect(node.join(person('ben'))).toBeUndefined();
  expect(Object.keys(policies.of('red5'))).toEqual(['names']);
  policies.set('red5', { maxSize: 5 }, node.now + HOUR, true);
  expect(Object.keys(policies.of('red5'))).toEqual(['maxSize']);
  expect(policies.of('other')).toEqual({});
});

describe('a ban', () => {
  test.each([
    ['its name', { by: 'name', value: 'anna' }, ['anna'], ['ben']],
    ['its token', { by: 'subject', value: 'user-1' }, ['ben'], ['anna']],
    ['its address', { by: 'address', value: '203.0.113.1/32' }, ['anna', 'ben'], ['carl']],
    ['its network', { by: 'address', value: '203.0.112.0/20' }, ['anna', 'ben', 'carl'], ['dora']],
    ['its network of IPv6', { by: 'address', value: '2001:db8::/64' }, ['dora'], ['anna']],
    ['its network in another room', { by: 'address', value: '203.0.113.0/24', room: 'x' }, [], ['anna']],
  ] as const)('of %s closes who is there, and keeps them out for its time', (_, terms, out, others) => {
    const node = new Node();
    const people = [
      person('anna'),
      person('ben', '203.0.113.1', 'user-1'),
      person('carl', '203.0.113.2'),
      person('dora', '2001:db8::7'),
    ];
    for (const one of people) node.join(one);
    const banned = node.policies.ban(terms, node.now + HOUR);
    expect(banned?.removed).toBe(out.length);
    expect(node.evicted.map(({ streamName }) => streamName)).toEqual(out);
    for (const one of people) {
      const { streamName } = one;
      if ((out as readonly string[]).includes(streamName)) expect(node.join(one)).toBe('banned');
      if ((others as readonly string[]).includes(streamName)) expect(node.join(one)).toBeUndefined();
    }
    node.clock.advance(HOUR);
    for (const one of people) expect(node.join(one)).toBeUndefined();
  });

  test('tells its own reason, is replaced by one with the same terms, and lifted by its id', () => {
    const node = new Node();
    const terms = { by: 'name', value: 'anna' } as const;
    expect(node.policies.ban(terms, node.now + HOUR)?.ban.id).toBe(
      node.policies.ban({ ...terms, reason: 'for an hour' }, node.now + HOUR)?.ban.id,
    );
    expect(node.policies.check(person('anna'))).toEqual({ ...refusals.banned, reason: 'for an hour' });
    const [{ id } = { id: '' }, ...more] = node.policies.bans();
    expect(more).toEqual([]);
    expect(node.policies.unban(id)?.ban.value).toBe('anna');
    expect(node.policies.unban(id)).toBeUndefined();
    expect(node.join(person('anna'))).toBeUndefined();
  });

  test('heard from another node counts once, and says how many it has closed', async () => {
    const wire = new Wire();
    const [one, two] = [new Node(undefined, wire.link()), new Node(undefined, wire.link())];
    await Promise.all([one.policies.start(), two.policies.start()]);
    two.join(person('anna'));
    const banned = one.policies.ban({ by: 'name', value: 'anna' }, one.now + HOUR);
    const [key, entry] = banned?.order ?? ['', ''];
    expect([banned?.removed, two.evicted.length]).toEqual([0, 1]);
    expect([two.policies.take(key, entry), two.policies.take(key, entry)]).toEqual([1, 1]);
    expect(two.policies.take(key, 'no entry')).toBe(0);
    expect(two.join(person('anna'))).toBe('banned');
  });
});

test('what was opened while a node was cut off does not come back with it', async () => {
  const clock = new ManualClock();
  const wire = new Wire();
  const [one, two] = [new Node(clock, wire.link()), new Node(clock, wire.link())];
  await Promise.all([one.policies.start(), two.policies.start()]);
  one.policies.set('red5', { locked: true }, one.now + HOUR, true);
  expect(two.join(person('anna'))).toBe('locked');
  const before = new Map(wire.stored);
  one.policies.open('red5');
  wire.stored.clear();
  for (const [key, text] of before) wire.stored.set(key, text);
  await one.policies.start();
  expect(one.join(person('anna'))).toBeUndefined();
  expect(decodeEntry(wire.stored.get('locked:red5'))?.value).toBeUndefined();
});

test('an order is held by this node alone while the others cannot be told', async () => {
  const wire = new Wire();
  const node = new Node(undefined, wire.link());
  await node.policies.start();
  expect(await node.policies.set('red5', { maxSize: 1 }, node.now + HOUR, true)?.heldBy).toBe('redis');
  wire.isCut = true;
  expect(await node.policies.set('red5', { maxSize: 2 }, node.now + HOUR, true)?.heldBy).toBe('node');
  expect(await new Node().policies.set('red5', { maxSize: 2 }, NOON + HOUR, true)?.heldBy).toBe('node');
});

test('there are so many at most, and what is over takes no place', () => {
  const node = new Node();
  for (let room = 0; room < MOST_POLICIES; room++) {
    expect(node.policies.set(`room ${room}`, { maxSize: 1 }, node.now + HOUR, true)).toBeDefined();
  }
  expect(node.policies.set('one more', { maxSize: 1 }, node.now + HOUR, true)).toBeUndefined();
  expect(node.policies.set('room 1', { maxSize: 2 }, node.now + HOUR, true)).toBeDefined();
  for (let name = 0; name < MOST_BANS; name++) {
    expect(node.policies.ban({ by: 'name', value: `${name}` }, node.now + HOUR)).toBeDefined();
  }
  expect(node.policies.ban({ by: 'name', value: 'one more' }, node.now + HOUR)).toBeUndefined();
  node.clock.advance(HOUR);
  expect(node.policies.set('one more', { maxSize: 1 }, node.now + HOUR, true)).toBeDefined();
  expect(node.policies.ban({ by: 'name', value: 'one more' }, node.now + HOUR)).toBeDefined();
});

test('nodes that hear the same entries in any order, however often, hold the same', () => {
  const time = fc.integer({ min: 20, max: 60 });
  const entry = fc
    .record({
      stamp: fc.integer({ min: 1, max: 4 }),
      ends: time,
      more: fc.nat(9),
      value: fc.option(fc.constantFrom('a', 'b')),
    })
    .map(
      ({ stamp, ends, more, value }): Entry => ({
        stamp,
        ends,
        kept: ends + more,
        value: value ?? undefined,
      }),
    );
  const orders = fc
    .array(entry, { minLength: 1, maxLength: 6 })
    .chain((entries) =>
      fc.tuple(
        fc.constant(entries),
        fc.shuffledSubarray([...entries, ...entries], { minLength: entries.length * 2 }),
      ),
    );
  const holds = (order: readonly Entry[]) => {
    const register = new Register();
    for (const one of order) register.merge('key', one, 10);
    return register.get('key');
  };
  fc.assert(
    fc.property(orders, ([entries, others]) => {
      expect(holds(others)).toEqual(holds(entries));
    }),
  );
  expect(new Register().merge('key', { stamp: 86_400_011, ends: 9e12, kept: 9e12, value: 'd' }, 10)).toBe(
    false,
  );
});

test('what was taken back stays so until it would have ended by itself, whoever remembers it', () => {
  const register = new Register();
  const old = register.write('key', 'locked', 100, 10);
  register.write('key', undefined, 20, 20);
  expect(register.forget(50)).toEqual([]);
  expect(register.merge('key', old, 50)).toBe(false);
  expect(register.forget(100)).toEqual(['key']);
});

test('a node whose clock is behind has the last word when it is the last to speak', () => {
  const [ahead, behind] = [new Register(), new Register()];
  behind.merge('key', ahead.write('key', 'first', 9_000, 5_000), 1_000);
  expect(ahead.merge('key', behind.write('key', 'second', 9_000, 1_000), 5_001)).toBe(true);
  expect(ahead.get('key')?.value).toBe('second');
  const other = ahead.write('other', 'x', 9_000, 6_000);
  behind.merge('other', other, 1_000);
  expect(behind.write('new', 'y', 9_000, 1_000).stamp).toBeGreaterThan(other.stamp);
});

test.each([
  ['192.0.2.7', '192.0.2.7/32'],
  ['192.0.2.7/24', '192.0.2.0/24'],
  ['192.0.2.77/29', '192.0.2.72/29'],
  ['::ffff:192.0.2.7', '192.0.2.7/32'],
  ['64:ff9b::192.0.2.7', '192.0.2.7/32'],
  ['2001:db8::1', '2001:db8::/64'],
  ['2001:DB8:0:0:ffff::1/65', '2001:db8::8000:0:0:0/65'],
  ['192.0.2.7/7', undefined],
  ['192.0.2.7/33', undefined],
  ['2001:db8::1/129', undefined],
  ['192.0.2.7/24/24', undefined],
  ['192.0.2.7/x', undefined],
  ['example.org', undefined],
])('the network %s is %s', (text, network) => {
  expect(readNetwork(text)).toBe(network);
});
