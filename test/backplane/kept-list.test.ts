/** How a node sees to it that Redis keeps its list. */
import { defaultTiming } from '../../src/backplane/timing';
import { newList, released, settled } from '../helpers/own-list';

const { reread, refresh } = defaultTiming;

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

  test('at once where it has not been yet, or over a new connection', async () => {
    const { list, streams, reply, connection, what } = newList();
    streams.set('anna', 1);
    await list.keep(connection);
    expect(what()).toEqual(['keep']);
    const other = await released();
    other.reply.keep = reply.keep = '1';
    other.list.hold();
    other.what();
    await other.list.keep(other.connection);
    expect(other.what()).toEqual(['keep']);
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
    list.release(connection);
    await settled();
    expect([list.storedFor(0), list.storedFor(1)]).toEqual([true, false]);
  });

  test('has said nothing of it where it answers over a connection that is of no more use', async () => {
    const { list, streams, events, reply, newConnection, what } = await released();
    let answer = () => {};
    reply.answer = new Promise((resolve) => {
      answer = resolve;
    });
    streams.delete('anna');
    list.changed();
    list.hold();
    answer();
    await settled();
    expect([events, list.storedFor(0)]).toEqual([[], false]);
    what();
    list.release(newConnection());
    await settled();
    expect([events, what()]).toEqual([['empty'], ['store']]);
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
