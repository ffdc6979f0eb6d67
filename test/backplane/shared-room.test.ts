/** What a room makes of what it hears and reads, and what it asks of its node for it. */
import type { Message } from '../../src/backplane/message';
import { storedLists } from '../../src/backplane/stored-list';
import { defaultTiming } from '../../src/backplane/timing';
import { observed } from '../helpers/observed-room';

const { refresh, firstRead, linger } = defaultTiming;
const settled = () => new Promise(setImmediate);
const all = () => true;

const list = (version: number, ...names: string[]): Message => ({
  node: 'x',
  version,
  streams: new Map(names.map((name) => [name, 1])),
});
const delta = (version: number, base: number, ...names: string[]): Message => ({
  ...{ node: 'x', version, base, left: [] },
  changed: new Map(names.map((name) => [name, 2])),
});
const stored = (version: number, ...names: string[]) =>
  storedLists({ x: JSON.stringify([2, 'x', version, names.map((name) => [name, 1])]) });

/** A room that is being read. */
function opening() {
  const parts = observed();
  const room = parts.newRoom();
  room.subscribedOn = parts.connection;
  const names = () => room.replica.streams.map(({ name }) => name);
  const happened = () => parts.done.splice(0).filter((what) => what !== 'run' && what !== 'published');
  return { ...parts, room, names, happened };
}

/** A room that nobody here is in, as Redis knows. */
async function synced() {
  const parts = opening();
  parts.room.synced(parts.connection);
  await settled();
  parts.room.watch();
  parts.happened();
  return parts;
}

describe('a room is known', () => {
  test('at once where nobody can be asked', () => {
    const { link, newRoom, clock } = observed();
    link.isUp = false;
    expect([newRoom().known, clock.waiting]).toEqual([true, 0]);
  });

  test('once it was read, or has waited for that long enough; that is told once', () => {
    const { clock, room, connection, happened } = opening();
    clock.advance(firstRead - 1);
    expect([room.known, happened()]).toEqual([false, []]);
    clock.advance(1);
    expect([room.known, happened()]).toEqual([true, ['changed']]);
    room.synced(connection);
    expect(happened()).toEqual([]);
  });

  test('anew, where those who were there before turn out to stand behind others', () => {
    const { clock, room, connection, names, happened } = opening();
    room.join('anna');
    clock.advance(firstRead);
    room.takeRead(stored(3, 'ben'), all);
    happened();
    room.synced(connection);
    expect([names(), happened()]).toEqual([['ben', 'anna'], ['changed']]);
    room.reopen();
    room.synced(connection);
    expect(happened()).toEqual([]);
  });

  test('not by a read over another connection', () => {
    const { room, connection } = opening();
    room.synced({ ...connection });
    expect([room.state, room.known]).toEqual(['opening', false]);
  });
});

describe('a message', () => {
  test('of somebody new in the room is a newcomer, once, and stays', async () => {
    const { room, happened } = await synced();
    room.receive(list(1));
    expect(happened()).toEqual([]);
    room.receive(list(2, 'anna'));
    expect(happened()).toEqual(['changed', 'stays x', 'newcomer']);
    room.receive(list(3, 'anna', 'ben'));
    expect(happened()).toEqual(['changed', 'stays x']);
    room.receive(list(3, 'anna', 'ben'));
    expect(happened()).toEqual([]);
    room.receive({ ...list(4, 'anna', 'ben'), grace: 7 });
    expect(happened()).toEqual(['leaves x 7']);
  });

  test('that is older than what is known shows that somebody else has spoken, unless the room has just been read', async () => {
    const { clock, room, happened } = await synced();
    room.receive(list(5, 'anna'));
    happened();
    room.receive(list(4, 'anna'));
    expect(happened()).toEqual(['missed']);
    room.receive(list(5, 'anna'));
    expect(happened()).toEqual([]);
    room.takeRead(stored(5, 'anna'), all);
    clock.advance(refresh - 1);
    room.receive(list(4, 'anna'));
    expect(happened()).toEqual([]);
    clock.advance(1);
    room.receive(list(4, 'anna'));
    expect(happened()).toEqual(['missed']);
  });

  test('about a version that is not known waits for a read', async () => {
    const { room, names, happened } = await synced();
    room.receive(delta(3, 2, 'ben'));
    expect([names(), happened()]).toEqual([[], ['missed']]);
    room.takeRead(stored(2, 'anna'), all);
    expect(names()).toEqual(['anna', 'ben']);
    room.takeRead(stored(2, 'anna'), all);
    expect(names()).toEqual(['anna', 'ben']);
  });

  test('does so without asking for one, where the first is on its way; a hundred at most', () => {
    const { room, happened } = opening();
    for (let version = 2; version <= 110; version++) room.receive(delta(version, version - 1, `n${version}`));
    expect(happened()).toEqual([]);
    room.takeRead(stored(1, 'anna'), all);
    expect(room.replica.versionOf('x')).toBe(101);
  });

  test('that waits is forgotten with the connection', async () => {
    const { room, names } = await synced();
    room.receive(delta(3, 2, 'ben'));
    room.linkLost();
    room.takeRead(stored(2, 'anna'), all);
    expect([names(), room.subscribedOn, room.state]).toEqual([['anna'], undefined, 'opening']);
  });
});

describe('a read', () => {
  test('that brings what no message has told is repaired, unless one does soon', async () => {
    const { room, names } = await synced();
    expect(room.takeRead(stored(2, 'anna'), all)).toBe(false);
    expect([names(), room.hasUnheard]).toEqual([['anna'], true]);
    expect(room.takeRead(stored(2, 'anna'), all)).toBe(true);
    expect(room.hasUnheard).toBe(false);
    room.takeRead(stored(3, 'ben'), all);
    room.receive(list(2, 'anna'));
    expect(room.hasUnheard).toBe(true);
    room.receive(list(3, 'ben'));
    expect(room.hasUnheard).toBe(false);
    expect(room.takeRead(stored(3, 'ben'), all)).toBe(false);
  });

  test('so does a delta that came before it', async () => {
    const { room } = await synced();
    room.receive(list(1, 'anna'));
    room.receive(delta(3, 2, 'ben'));
    room.takeRead(storedLists({ x: '[2,"x",2,[["anna",1]]]', y: '[2,"y",1,[["cleo",1]]]' }), all);
    expect(room.hasUnheard).toBe(true);
    room.receive({ ...list(1, 'cleo'), node: 'y' });
    expect(room.hasUnheard).toBe(true);
    room.takeRead([], all);
    room.receive(delta(5, 4, 'dora'));
    room.takeRead(storedLists({ x: '[2,"x",5,[["anna",1]]]' }), all);
    expect(room.hasUnheard).toBe(false);
  });

  test('takes nothing of the dead, nor what is no list, nor anything in its own name', async () => {
    const { room, names, happened } = await synced();
    const lists = storedLists({ x: '[2,"x",1,[["anna",1]]]', y: '?', self: '[2,"self",900,[["ghost",1]]]' });
    expect(room.takeRead(lists, (node) => node !== 'x')).toBe(false);
    expect([names(), happened()]).toEqual([[], ['versionSeen 900']]);
  });

  test('says nothing of a room that is closed', async () => {
    const { room } = await synced();
    room.takeRead(stored(2, 'anna'), all);
    room.close();
    expect(room.takeRead(stored(2, 'anna'), all)).toBe(false);
  });

  test('over a new connection begins anew with what no message has told', async () => {
    const { room, connection } = await synced();
    room.takeRead(stored(2, 'anna'), all);
    room.reopen();
    room.synced(connection);
    expect(room.hasUnheard).toBe(false);
  });
});

describe('a room that nobody here is in', () => {
  test('is followed while it is watched, and for a while after that', async () => {
    const { clock, room, happened } = await synced();
    clock.advance(2 * linger);
    room.unwatch();
    expect(room.state).toBe('lingering');
    clock.advance(linger - 1);
    room.watch();
    expect(room.state).toBe('synced');
    clock.advance(2 * linger);
    expect(happened()).toEqual([]);
    room.unwatch();
    clock.advance(linger);
    expect(happened()).toEqual(['deserted']);
  });

  test('waits where it is not read yet, or its last list is on its way', async () => {
    const { room } = opening();
    room.watch();
    room.unwatch();
    expect(room.state).toBe('opening');
    const other = await synced();
    other.room.join('anna');
    other.room.leave('anna');
    other.room.unwatch();
    expect(other.room.state).toBe('synced');
    await settled();
    expect(other.room.state).toBe('lingering');
  });

  test('is not given up where somebody comes, or the connection is lost', async () => {
    const { clock, room, connection, happened } = await synced();
    room.unwatch();
    room.join('anna');
    expect(room.state).toBe('synced');
    await settled();
    room.leave('anna');
    await settled();
    expect(room.state).toBe('lingering');
    room.linkLost();
    clock.advance(2 * linger);
    expect([room.state, happened()]).toEqual(['opening', []]);
    room.subscribedOn = connection;
    room.synced(connection);
    await settled();
    expect(room.state).toBe('lingering');
  });

  test('hears of the dead only where that changes its roster', async () => {
    const { room, happened } = await synced();
    room.receive(list(1, 'anna'));
    happened();
    room.forget('y');
    expect(happened()).toEqual([]);
    room.forget('x');
    expect(happened()).toEqual(['changed']);
  });
});
