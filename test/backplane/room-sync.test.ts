/** Rooms and Redis are brought to the same state: in which order, in which portions, and until when. */
import { KeyRefusal } from '../../src/backplane/connection';
import { RoomSync } from '../../src/backplane/room-sync';
import { UrgentReads } from '../../src/backplane/urgent-reads';
import { readingNode, settled } from '../helpers/reading-node';

const BUSY = 60_000;

function story() {
  const node = readingNode();
  const read: string[] = [];
  const sync = new RoomSync(node.reader, node.clock, (_connection, result) => {
    read.push(`${result.read.length} read, ${result.refused.length} refused`);
  });
  const names = () => node.asked.filter((what) => what.startsWith('read ')).map((what) => what.slice(10, -3));
  return { ...node, sync, read, names, connection: node.newConnection() };
}

test('a chunk is subscribed to, then read, then its lists may be sent; a pause belongs to the members', async () => {
  const { sync, clock, connection, happened, newRooms, read } = story();
  const rooms = newRooms(450);
  sync.addAll(rooms);
  const run = sync.run(connection);
  await settled();
  expect(happened()).toEqual(['subscribe 200', 'read 200']);
  expect(rooms.filter(({ state }) => state !== 'opening')).toHaveLength(200);
  clock.advance(1);
  await settled();
  expect(happened()).toEqual([]);
  clock.advance(1);
  await settled();
  expect(happened()).toEqual(['subscribe 200', 'read 200']);
  expect(sync.done).toBe(false);
  clock.advance(2);
  await run;
  expect(happened()).toEqual(['subscribe 50', 'read 50']);
  expect(sync.done).toBe(true);
  expect(read).toEqual(['200 read, 0 refused', '200 read, 0 refused', '50 read, 0 refused']);
  expect(rooms.every((room) => room.subscribedOn === connection)).toBe(true);
});

test('rooms in which somebody has come or gone within a minute come first', async () => {
  const { sync, clock, connection, names, newRoom } = story();
  const [idle, busy, old, late] = ['idle', 'busy', 'old', 'late'].map((name) => newRoom(name));
  clock.advance(10);
  for (const room of [idle, old]) room?.join('anna');
  clock.advance(1);
  for (const room of [busy, late]) room?.join('anna');
  clock.advance(BUSY - 1);
  sync.add([idle, busy, old].flatMap((room) => room ?? []));
  sync.add([late].flatMap((room) => room ?? []));
  idle?.join('ben');
  sync.add([idle].flatMap((room) => room ?? []));
  clock.advance(2 * BUSY);
  sync.add([busy].flatMap((room) => room ?? []));
  await sync.run(connection);
  expect(names()).toEqual(['busy', 'late', 'idle', 'old']);
});

test('a room that is subscribed to already is only read, and so for all of them', async () => {
  const { sync, connection, happened, newRooms } = story();
  const [known, ...others] = newRooms(3);
  if (known !== undefined) known.subscribedOn = connection;
  sync.add([known, ...others].flatMap((room) => room ?? []));
  await sync.run(connection);
  expect(happened()).toEqual(['subscribe 2', 'read 3']);
  sync.add(others);
  await sync.run(connection);
  expect(happened()).toEqual(['read 2']);
});

test('all is in Redis once no room waits; a room that opens later takes nothing back', async () => {
  const { sync, connection, newRooms } = story();
  expect(sync.done).toBe(false);
  await sync.run(connection);
  expect(sync.done).toBe(true);
  sync.add(newRooms(2));
  expect(sync.done).toBe(true);
  await sync.run(connection);
  sync.addAll([]);
  expect(sync.done).toBe(false);
  sync.add(newRooms(1));
  await sync.run(connection);
  expect(sync.done).toBe(true);
});

test('a room that Redis refuses is not synced, and a room that is given up is not asked for', async () => {
  const { sync, connection, redis, read, names, newRooms } = story();
  const [refused, busy, idle] = newRooms(3);
  if (refused === undefined || busy === undefined || idle === undefined) throw new Error('no rooms');
  busy.join('anna');
  redis.readError = new KeyRefusal(['k'], 'WRONGTYPE');
  sync.add([refused, busy, idle]);
  for (const room of [busy, idle]) sync.remove(room);
  await sync.run(connection);
  expect([read, names(), refused.state]).toEqual([['0 read, 1 refused'], ['r0'], 'opening']);
});

test('a run that goes on already takes along what is added; one over another connection takes its place', async () => {
  const { sync, clock, connection, newConnection, happened, newRooms } = story();
  sync.add(newRooms(201));
  const run = sync.run(connection);
  await sync.run(connection);
  await settled();
  happened();
  sync.add(newRooms(10, 'late'));
  const next = newConnection();
  const second = sync.run(next);
  await second;
  expect(happened()).toEqual(['subscribe 11', 'read 11']);
  clock.advance(2);
  await run;
  expect(happened()).toEqual([]);
});

test('rooms that were read over a connection that is of no more use are not synced by that', async () => {
  const { sync, connection, redis, newRooms, newConnection } = story();
  const rooms = newRooms(2);
  sync.addAll(rooms);
  redis.whileReading = () => {
    redis.whileReading = () => {};
    void sync.run(newConnection());
  };
  await sync.run(connection);
  expect(rooms.map(({ state }) => state)).toEqual(['opening', 'opening']);
});

test('an error ends the run, and the next one may begin', async () => {
  const { sync, connection, redis, newRooms, happened } = story();
  sync.addAll(newRooms(1));
  redis.readError = new Error('gone');
  await expect(sync.run(connection)).rejects.toThrow('gone');
  redis.readError = undefined;
  happened();
  sync.add(newRooms(1, 'other'));
  await sync.run(connection);
  expect(happened()).toEqual(['subscribe 1', 'read 1']);
});

test('nothing more is said where the node stops, and no timer is left', async () => {
  const { sync, clock, connection, newRooms, happened } = story();
  const rooms = newRooms(450);
  for (const room of rooms.slice(300)) room.join('anna');
  sync.addAll(rooms);
  const run = sync.run(connection);
  await settled();
  happened();
  for (const room of rooms) room.close();
  expect(clock.waiting).toBe(1);
  sync.stop();
  await run;
  expect([happened(), clock.waiting]).toEqual([[], 0]);
});

describe('rooms that cannot wait', () => {
  function urgent() {
    const node = readingNode();
    const portions: number[] = [];
    const state = { error: undefined as Error | undefined };
    const urgentReads = new UrgentReads(node.clock, async (_connection, rooms) => {
      portions.push(rooms.length);
      if (state.error !== undefined) throw state.error;
    });
    return { ...node, portions, state, reads: urgentReads, connection: node.newConnection() };
  }

  test('are read once, in portions, with a pause between them', async () => {
    const { reads, clock, connection, portions, newRooms } = urgent();
    const rooms = newRooms(300);
    reads.add(connection, rooms);
    reads.add(connection, rooms.slice(200));
    await settled();
    expect(portions).toEqual([200]);
    clock.advance(1);
    await settled();
    expect(portions).toEqual([200]);
    clock.advance(1);
    await settled();
    expect([portions, clock.waiting]).toEqual([[200, 100], 300]);
    reads.add(connection, rooms.slice(0, 1));
    await settled();
    expect(portions).toEqual([200, 100, 1]);
  });

  test('are none where none are given', async () => {
    const { reads, connection, portions } = urgent();
    reads.add(connection, []);
    await settled();
    expect(portions).toEqual([]);
  });

  test('are read over the connection that is there now', async () => {
    const { reads, clock, connection, newConnection, portions, newRooms } = urgent();
    reads.add(connection, newRooms(500));
    await settled();
    reads.stop();
    await settled();
    expect(clock.waiting).toBe(500);
    reads.add(newConnection(), newRooms(3));
    await settled();
    expect(portions).toEqual([200, 3]);
    reads.add(newConnection(), newRooms(2));
    await settled();
    expect(portions).toEqual([200, 3, 2]);
  });

  test('end the connection where they cannot be read', async () => {
    const { reads, connection, state, newRooms, happened } = urgent();
    state.error = new Error('gone');
    reads.add(connection, newRooms(1));
    await settled();
    expect(happened()).toEqual(['destroyed: gone']);
  });
});
