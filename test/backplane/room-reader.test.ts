/** What a read finds: what Redis lacks, what no message has told, and who is dead. */
import { type Connection, KeyRefusal } from '../../src/backplane/connection';
import { Keys } from '../../src/backplane/keys';
import { Membership } from '../../src/backplane/membership';
import { FOREIGN_FACTS } from '../../src/backplane/node-facts';
import { RoomReader } from '../../src/backplane/room-reader';
import { defaultTiming } from '../../src/backplane/timing';
import { observed } from '../helpers/observed-room';

const SECOND = 1_000;
const { expiry, reread, refresh } = defaultTiming;
const OWN = '[3,"self",1,[["anna",1]]]';
const of = (node: string, version: number, ...names: string[]) =>
  JSON.stringify([3, node, version, names.map((name) => [name, 2])]);
const settled = () => new Promise(setImmediate);

/** A room with anna here and ben on `x`, which has been in Redis for 100 s; and what Redis says when it is read. */
async function story() {
  const { clock, connection: sending, link, newRoom } = observed();
  const redis = {
    fields: {} as Record<string, string>,
    living: ['self', 'x'],
    beats: 0,
    whileReading: () => {},
    error: undefined as Error | undefined,
  };
  const connection: Connection = {
    ...sending,
    readHash: async (key) => {
      expect(key).toBe('p:{r.room}:h');
      await settled();
      redis.whileReading();
      if (redis.error !== undefined) throw redis.error;
      return redis.fields;
    },
    run: async () => {
      redis.beats++;
      return [1, redis.living, []];
    },
  };
  const membership = new Membership({
    ...{ self: 'self', keys: () => new Keys('p').nodes(), clock, timing: defaultTiming },
    ...{ facts: () => FOREIGN_FACTS, onDead: () => {}, onForgotten: () => {}, onBeat: () => {} },
  });
  membership.linkLive();
  await membership.beat(connection);
  redis.beats = 0;
  const room = newRoom();
  room.join('anna');
  room.subscribedOn = sending;
  room.synced(sending);
  await settled();
  room.receive({ node: 'x', version: 5, streams: new Map([['ben', 2]]) });
  clock.advance(100 * SECOND);
  const reader = new RoomReader('self', membership, clock, defaultTiming);
  const read = async (fields: Record<string, string>) => {
    redis.fields = fields;
    const result = await reader.read(connection, [room]);
    const names = room.replica.streams.map(({ name }) => name).join();
    const { repaired, lost, lacking, dead, read: rooms, refused } = result;
    return { names, repaired, lost: lost.length, lacking: lacking.size, dead, rooms, refused };
  };
  /** As the node's room is written anew over another link. */
  const storeAgain = async () => {
    link.stored = 0;
    room.list.hold();
    room.list.release(sending);
    await settled();
  };
  return { clock, redis, membership, room, sending, read, storeAgain };
}

const FOUND = { names: 'anna,ben', repaired: 0, lost: 0, lacking: 0, dead: [] };

test('what is known is no news', async () => {
  const { read, redis, room } = await story();
  expect(await read({ self: OWN, x: of('x', 5, 'ben') })).toEqual({ ...FOUND, rooms: [room], refused: [] });
  expect(redis.beats).toBe(0);
});

test('what no message has told is repaired, unless one does before the next read', async () => {
  const { read } = await story();
  const fields = { self: OWN, x: of('x', 6, 'cleo') };
  expect(await read(fields)).toMatchObject({ names: 'anna,cleo', repaired: 0 });
  expect(await read(fields)).toMatchObject({ names: 'anna,cleo', repaired: 1 });
});

test('a list of its own that Redis has lost is lost; nobody is given up by such a read', async () => {
  const { read } = await story();
  expect(await read({})).toMatchObject({ ...FOUND, repaired: 1, lost: 1, lacking: 1 });
  expect(await read({ self: '?' })).toMatchObject({ ...FOUND, repaired: 1, lost: 1, lacking: 1 });
});

describe('a list of another node', () => {
  test('that is not there, is none any more', async () => {
    const { read } = await story();
    const fields = { self: OWN, y: of('y', 1, 'dora') };
    expect(await read(fields)).toMatchObject({ names: 'anna', repaired: 1, lacking: 0 });
    expect(await read({ self: OWN })).toMatchObject({ names: 'anna', repaired: 0 });
  });

  test('that is older than what is known, counts: somebody else has spoken in its name', async () => {
    const { read } = await story();
    expect(await read({ self: OWN, x: of('x', 4, 'bella') })).toMatchObject({
      ...{ names: 'anna,bella', repaired: 1, lacking: 0 },
    });
  });

  test.each([
    ['is not there', { self: OWN }],
    ['is older', { self: OWN, x: of('x', 4, 'bella') }],
  ])('that %s, where the node may not have said all yet, is read once more', async (_what, fields) => {
    const { read, membership, clock } = await story();
    membership.linkLive();
    clock.advance(2 * expiry - 1);
    expect(await read(fields)).toMatchObject({ ...FOUND, lacking: 1 });
    clock.advance(1);
    expect(await read(fields)).toMatchObject({ repaired: 1, lacking: 0 });
  });

  test('that is not there, while a newer one has come, is only late', async () => {
    const { read, redis, room } = await story();
    redis.whileReading = () => room.receive({ node: 'x', version: 6, streams: new Map([['cleo', 3]]) });
    expect(await read({ self: OWN })).toMatchObject({ names: 'anna,cleo', repaired: 0, lacking: 1 });
  });

  test('that is not there, is waited for after this node had to say its own anew', async () => {
    const { read, clock, storeAgain } = await story();
    await storeAgain();
    clock.advance(2 * expiry - 1);
    expect(await read({ self: OWN })).toMatchObject({ ...FOUND, lacking: 1 });
    clock.advance(1);
    expect(await read({ self: OWN })).toMatchObject({ names: 'anna' });
  });
});

describe('where Redis has lost the room', () => {
  /** At `lostAt`, after it was known to have it `refresh` before. */
  async function lost() {
    const parts = await story();
    const { clock, room, sending } = parts;
    const found = (version: unknown) => ({
      ...sending,
      run: async () => version,
    });
    await room.list.check(found('1'));
    const after = clock.now();
    clock.advance(refresh);
    await room.list.check(found(null));
    await settled();
    expect(room.list.lost).toEqual({ at: after + refresh, after });
    return { ...parts, after };
  }

  test('alone, the others are waited for until they have kept it', async () => {
    const { read, clock } = await lost();
    clock.advance(3 * reread - 1);
    expect(await read({ self: OWN })).toMatchObject({ ...FOUND, lacking: 1 });
    clock.advance(1);
    expect(await read({ self: OWN })).toMatchObject({ names: 'anna', repaired: 1 });
  });

  test.each([
    [-1, 'anna,ben'],
    [0, 'anna'],
  ])('with all its data, %d ms after it was known to have it, %s are there soon', async (ms, names) => {
    const { read, clock, membership, after } = await lost();
    membership.liveness.dataLost(after + ms);
    clock.advance(2 * expiry);
    expect(await read({ self: OWN })).toMatchObject({ names });
  });
});

describe('a list of a node that nobody knows', () => {
  const fields = { self: OWN, x: of('x', 5, 'ben'), z: of('z', 1, 'zoe'), 'z+': '\n?' };

  test('is taken where it lives: that is asked first', async () => {
    const { read, redis } = await story();
    redis.living = ['self', 'x', 'z'];
    expect(await read(fields)).toMatchObject({ names: 'anna,ben,zoe', dead: [] });
    expect(redis.beats).toBe(1);
  });

  test('is deleted where it does not', async () => {
    const { read, redis } = await story();
    expect(await read(fields)).toMatchObject({
      names: 'anna,ben',
      dead: [{ key: 'p:{r.room}:h', list: { node: 'z', text: fields.z, journal: '\n?' } }],
    });
    expect(redis.beats).toBe(1);
  });
});

test('a room that Redis refuses was not read; any other error ends the connection', async () => {
  const { read, redis, room } = await story();
  redis.error = new KeyRefusal(['k'], 'WRONGTYPE');
  expect(await read({})).toEqual({ ...FOUND, rooms: [], refused: [{ room, why: redis.error }] });
  redis.error = new Error('gone');
  await expect(read({})).rejects.toThrow('gone');
});
