import { isAboutKey, KeyRefusal } from '../../src/backplane/connection';
import { LifeCycle, type RoomState } from '../../src/backplane/life-cycle';
import { RoomDirectory } from '../../src/backplane/room-directory';
import { storedLists } from '../../src/backplane/stored-list';
import { defaultTiming } from '../../src/backplane/timing';
import { observed } from '../helpers/observed-room';

const STATES: readonly RoomState[] = ['opening', 'synced', 'lingering', 'closed'];
const WAYS: Readonly<Record<RoomState, readonly RoomState[]>> = {
  opening: [],
  synced: ['synced'],
  lingering: ['synced', 'lingering'],
  closed: ['closed'],
};

test.each([
  ['opening', 'synced closed'],
  ['synced', 'opening lingering closed'],
  ['lingering', 'opening synced closed'],
  ['closed', ''],
] as const)('after %s may come: %s', (state, allowed) => {
  const possible = STATES.filter((next) => {
    const life = new LifeCycle();
    for (const way of WAYS[state]) life.enter(way);
    expect(life.state).toBe(state);
    const entered = life.enter(next);
    expect(life.state).toBe(entered ? next : state);
    return entered;
  });
  expect(possible).toEqual(allowed.split(' ').filter(Boolean));
});

test('a room that is closed does nothing any more, whatever comes, and has no timers', async () => {
  const { clock, connection, done, newRoom } = observed();
  const room = newRoom();
  room.subscribedOn = connection;
  room.close();
  const message = { node: 'x', version: 1, streams: new Map([['anna', 1]]) };
  room.synced(connection);
  room.join('ben');
  room.leave('ben');
  room.receive(message);
  room.receive({ ...message, version: 2, grace: 5 });
  room.receive({ node: 'x', version: 3, base: 2, changed: new Map([['ben', 2]]), left: [] });
  room.takeRead(storedLists({ x: '[2,"x",3,[["anna",1]]]' }), () => true);
  room.forget('x');
  room.becomeKnown();
  room.reopen();
  room.linkLost();
  await new Promise(setImmediate);
  clock.advance(60_000);
  expect({ done, state: room.state, timers: clock.waiting }).toEqual({
    done: [],
    state: 'closed',
    timers: 0,
  });
});

test('a room that is closed while it is synced, lingers or waits to be sent has no timers either', async () => {
  const { clock, connection, newRoom } = observed();
  for (const prepare of ['wait', 'pause', 'linger']) {
    const room = newRoom();
    room.subscribedOn = connection;
    if (prepare !== 'wait') room.synced(connection);
    await new Promise(setImmediate);
    for (let change = 0; prepare === 'pause' && clock.waiting === 0; change++) {
      room.join(`late ${change}`);
      await new Promise(setImmediate);
    }
    expect(clock.waiting).toBeGreaterThan(0);
    room.close();
    expect(clock.waiting).toBe(0);
  }
});

test('what has come while the process was busy is read before a room is told without it', () => {
  const { clock, connection, done, newRoom } = observed();
  const room = newRoom();
  room.subscribedOn = connection;
  clock.sleep(10 * defaultTiming.firstRead);
  expect(room.known).toBe(false);
  room.takeRead(storedLists({ x: '[2,"x",3,[["anna",1]]]' }), () => true);
  room.synced(connection);
  expect({ known: room.known, streams: room.replica.streams.map(({ name }) => name) }).toEqual({
    known: true,
    streams: ['anna'],
  });
  expect(done).toContain('changed');
});

test('a room that nobody reads is told after a while without it', () => {
  const { clock, newRoom } = observed();
  const room = newRoom();
  clock.advance(defaultTiming.firstRead - 1);
  expect(room.known).toBe(false);
  clock.advance(1);
  expect(room.known).toBe(true);
});

test('a room is itself, not its name: giving up the one that is closed leaves the one that has taken its name', () => {
  const { newRoom } = observed();
  const directory = new RoomDirectory();
  const [first, second] = [newRoom(), newRoom()];
  directory.add(first);
  expect(directory.remove(first)).toBe(true);
  directory.add(second);
  expect(directory.remove(first)).toBe(false);
  expect([directory.get('room'), directory.onChannel(second.keys.channel)]).toEqual([second, second]);
});

test('what Redis refuses for a key names that key', () => {
  expect(new KeyRefusal(['p:{r.a}:h'], 'WRONGTYPE no')).toMatchObject({
    key: 'p:{r.a}:h',
    message: 'WRONGTYPE no (key p:{r.a}:h)',
  });
});

test.each([
  ['WRONGTYPE Operation against a key', true],
  ['ASK 7 10.0.0.1:6379', true],
  ['TRYAGAIN Multiple keys', true],
  ['MOVED 7 10.0.0.1:6379', false],
  ['x WRONGTYPE y', false],
  ['ASKING', false],
])('%s is about the key alone: %j', (message, isIt) => {
  expect(isAboutKey(message)).toBe(isIt);
});
