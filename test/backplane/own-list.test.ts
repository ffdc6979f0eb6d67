/** What a node says of its own list, over a connection that answers as the test says. */
import { type Connection, KeyRefusal } from '../../src/backplane/connection';
import { Keys } from '../../src/backplane/keys';
import { OwnList } from '../../src/backplane/own-list';
import { OwnStreams } from '../../src/backplane/own-streams';
import { APPEND, KEEP, STORE, TAKE_OUT } from '../../src/backplane/scripts';
import { defaultTiming } from '../../src/backplane/timing';
import { ManualClock } from '../helpers/manual-clock';

const { reread, refresh } = defaultTiming;
const NAMES = new Map([
  [STORE, 'store'],
  [APPEND, 'append'],
  [KEEP, 'keep'],
  [TAKE_OUT, 'take out'],
]);
const settled = () => new Promise(setImmediate);

/** A list with one stream, whose connection stores what it is told. */
function newList() {
  const clock = new ManualClock();
  const streams = new OwnStreams();
  const seen = { versions: [] as number[], published: [] as number[], propagated: [] as number[] };
  const events: string[] = [];
  const asked: [string, ...string[]][] = [];
  const reply = { store: 1, keep: '0' as string | null, error: undefined as Error | undefined };
  let version = 0;
  const list = new OwnList({
    owner: {
      ...{ self: 'self', clock, timing: defaultTiming, sizes: { deltaFrom: 2, leastJournal: 1_000 } },
      format: () => 3,
      nextVersion: () => ++version,
      mostThatCanBe: () => 1_000,
      versionSeen: (most) => {
        version = Math.max(version, most);
        seen.versions.push(most);
      },
      published: (_room, published) => seen.published.push(published),
      propagated: (milliseconds) => seen.propagated.push(milliseconds),
    },
    room: 'room',
    keys: new Keys('p').room('room'),
    streams,
    onEmptyStored: () => events.push('empty'),
    onRefused: ({ key }) => events.push(`refused ${key}`),
  });
  const newConnection = (): Connection => ({
    lost: new Promise(() => {}),
    destroy: ({ message }) => events.push(`destroyed: ${message}`),
    subscribe: async () => {},
    unsubscribe: async () => {},
    readHash: async () => ({}),
    run: async (script, _keys, args) => {
      const what = NAMES.get(script) ?? '?';
      asked.push([what, ...args]);
      if (reply.error !== undefined) throw reply.error;
      return what === 'store' ? reply.store : what === 'keep' ? reply.keep : 1;
    },
    evictionPolicy: async () => undefined,
  });
  const connection = newConnection();
  const join = async (name: string) => {
    streams.set(name, 1);
    list.changed();
    await settled();
  };
  const what = () => asked.splice(0).map(([name]) => name);
  return { clock, list, streams, seen, events, asked, reply, connection, newConnection, join, what };
}

async function released() {
  const parts = newList();
  await parts.join('anna');
  parts.list.release(parts.connection);
  await settled();
  return parts;
}

describe('what has changed', () => {
  test('takes until it has come back, since its oldest change; an earlier message, or none, says nothing', async () => {
    const { clock, list, seen, connection, join } = newList();
    list.cameBack(0);
    await join('anna');
    clock.advance(30);
    await join('ben');
    clock.advance(10);
    list.release(connection);
    await settled();
    clock.advance(5);
    list.cameBack(0);
    expect(seen.propagated).toEqual([]);
    for (let time = 0; time < 2; time++) list.cameBack(1);
    expect([seen.propagated, seen.published]).toEqual([[45], [1]]);
    await join('cleo');
    clock.advance(7);
    list.cameBack(2);
    expect(seen.propagated).toEqual([45, 7]);
    expect(list.lastChangeAt).toBe(45);
  });

  test('is not waited for any more where the connection is lost', async () => {
    const { list, seen } = await released();
    list.hold();
    list.cameBack(1);
    expect(seen.propagated).toEqual([]);
  });

  test('is told whole over a new connection, and after that by what has changed', async () => {
    const { list, join, what, newConnection } = await released();
    for (const name of ['ben', 'cleo', 'dora', 'emil']) await join(name);
    expect(what()).toEqual(['store', 'append', 'append', 'append', 'append']);
    list.hold();
    list.release(newConnection());
    await settled();
    list.sayAgain();
    await settled();
    expect(what()).toEqual(['store', 'store']);
  });

  test('ends the connection where it cannot be said, unless Redis refuses the key', async () => {
    const { list, events, reply, join, connection } = await released();
    reply.error = new KeyRefusal(['k'], 'WRONGTYPE');
    await join('ben');
    expect(events).toEqual(['refused k']);
    reply.error = new Error('gone');
    list.release(connection);
    await settled();
    expect(events).toEqual(['refused k', 'destroyed: gone']);
    expect(list.idle).toBe(false);
  });

  test('to nobody is told as such, once it is in Redis', async () => {
    const { list, events, streams } = await released();
    streams.delete('anna');
    list.changed();
    expect(events).toEqual([]);
    await settled();
    expect(events).toEqual(['empty']);
  });
});

describe('a version that the node has not sent', () => {
  test.each([
    [1, false, []],
    [2, true, [2]],
    [1_000, true, [1_000]],
    [1_001, true, []],
  ])('%d is denied: %j', async (version, isDenied, seenVersions) => {
    const { list, seen, what } = await released();
    what();
    expect(list.denies(version)).toBe(isDenied);
    await settled();
    expect([seen.versions, what()]).toEqual([seenVersions, isDenied ? ['store'] : []]);
  });
});

describe('a room is kept', () => {
  test('where that was last asked for one and a half times a reread ago', async () => {
    const { clock, list, reply, connection, asked, what } = await released();
    reply.keep = '1';
    what();
    clock.advance(1.5 * reread - 1);
    await list.keep(connection);
    expect(asked).toEqual([]);
    clock.advance(1);
    await list.keep(connection);
    await list.keep(connection);
    expect(asked).toEqual([['keep', 'self', String(4 * reread)]]);
  });

  test('for whoever comes, where it has not just been, and anybody is in it', async () => {
    const { clock, list, reply, connection, streams, what } = await released();
    reply.keep = '1';
    what();
    clock.advance(refresh - 1);
    expect(list.isJustKept).toBe(true);
    await list.check(connection);
    clock.advance(1);
    expect(list.isJustKept).toBe(false);
    await list.check(connection);
    expect(what()).toEqual(['keep']);
    clock.advance(refresh);
    streams.delete('anna');
    await list.check(connection);
    expect(what()).toEqual([]);
  });

  test('at once over a new connection', async () => {
    const { list, reply, connection, what } = await released();
    reply.keep = '1';
    list.hold();
    what();
    await list.keep(connection);
    expect(what()).toEqual(['keep']);
  });

  test.each([
    ['0', 'is said again'],
    [null, 'is said again'],
    ['7', 'is said again'],
    ['1', 'stays as it is'],
  ])('and where Redis has version %j of it, the list %s', async (version, fate) => {
    const { clock, list, reply, connection, what } = await released();
    clock.advance(refresh);
    reply.keep = version;
    what();
    await list.check(connection);
    await settled();
    expect(what()).toEqual(fate === 'is said again' ? ['keep', 'store'] : ['keep']);
  });
});

describe('Redis', () => {
  test('has had the list since it was stored first, or anew', async () => {
    const { clock, list, reply, join, connection } = newList();
    expect(list.storedFor(0)).toBe(false);
    clock.advance(100);
    list.release(connection);
    await settled();
    expect(list.storedFor(0)).toBe(true);
    reply.store = 0;
    clock.advance(50);
    await join('ben');
    expect([list.storedFor(50), list.storedFor(51)]).toEqual([true, false]);
    list.hold();
    expect(list.storedFor(0)).toBe(false);
  });

  test('has lost it after it was known to have it last', async () => {
    const { clock, list, reply, connection } = await released();
    expect(list.lost).toEqual({ at: -Infinity, after: -Infinity });
    clock.advance(refresh);
    reply.keep = '1';
    await list.check(connection);
    clock.advance(refresh);
    reply.keep = null;
    await list.check(connection);
    await settled();
    expect(list.lost).toEqual({ at: 2 * refresh, after: refresh });
    expect([list.storedFor(0), list.storedFor(1)]).toEqual([true, false]);
  });
});

describe('a goodbye', () => {
  test.each([
    [5_000, 'anna', ['store', 'self', '[3,"self",2,[["anna",1]],5000]', String(4 * reread), 'p:{r.room}:c']],
    [undefined, 'anna', ['take out', 'self', '[1,"self",2,[]]', 'p:{r.room}:c']],
    [5_000, '', ['take out', 'self', '[1,"self",2,[]]', 'p:{r.room}:c']],
  ])('with a grace of %j, of %j, is %j', async (grace, who, command) => {
    const { list, streams, asked, connection, join } = await released();
    if (who === '') streams.delete('anna');
    asked.length = 0;
    await list.sayGoodbye(connection, grace);
    await join('ben');
    expect(asked).toEqual([command]);
  });
});
