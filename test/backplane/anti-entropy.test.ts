/** Nodes find out what no message has said: which rooms are read, and when. */
import { AntiEntropy } from '../../src/backplane/anti-entropy';
import { KeyRefusal } from '../../src/backplane/connection';
import type { SharedRoom } from '../../src/backplane/shared-room';
import { defaultTiming } from '../../src/backplane/timing';
import { digest, exchanging, settled } from '../helpers/reading-node';

const { reread } = defaultTiming;
const EXCHANGE_EVERY = reread / 3;

/** A node that is in sync with Redis, whose rooms nobody here is in. */
async function story(count = 3) {
  const node = exchanging(count);
  const { clock, rooms, reader, digests, connection, redis, happened } = node;
  const parts = { haveDigests: true };
  const told: unknown[] = [];
  const entropy = new AntiEntropy({
    ...{ rooms, reader, digests, clock, timing: defaultTiming },
    haveDigests: () => parts.haveDigests,
    onRead: (_connection, { read }) => {
      for (const room of read) entropy.found(room, false);
    },
    onRefused: (room, { key }) => told.push(`${room.name} refused for ${key}`),
    onDigests: (refusal) => told.push(refusal?.key ?? 'digests'),
  });
  const sync = (room: SharedRoom) => {
    room.subscribedOn = connection;
    room.takeRead([], () => true);
    room.synced(connection);
    room.watch();
  };
  for (const room of rooms.values()) sync(room);
  await settled();
  /** Time passes, in turns of the rotation. @returns how often each room was read */
  const pass = async (milliseconds: number) => {
    const reads: Record<string, number> = {};
    for (let passed = 0; passed < milliseconds; passed += 100) {
      clock.advance(100);
      await settled();
      for (const what of node.asked.filter((one) => one.startsWith('read '))) {
        const name = what.slice(10, -3);
        reads[name] = (reads[name] ?? 0) + 1;
      }
      node.asked.splice(0);
    }
    return reads;
  };
  happened();
  return { ...node, parts, told, entropy, redis, pass };
}

describe('rooms are read', () => {
  test('once in twenty times the reread where digests show nothing', async () => {
    const { entropy, connection, pass, told } = await story();
    entropy.start(connection);
    expect(await pass(20 * reread - 2_000)).toEqual({});
    expect(told).toHaveLength(59);
    expect(await pass(reread + 3_000)).toEqual({ r0: 1, r1: 1, r2: 1 });
  });

  test('every reread, where some node has no digests', async () => {
    const { entropy, connection, pass, parts, told } = await story();
    parts.haveDigests = false;
    entropy.start(connection);
    expect(await pass(2 * reread + 500)).toEqual({ r0: 2, r1: 2, r2: 2 });
    expect(told).toContain('digests');
  });

  test('at once, where a digest differs; and all of them once, where one lacks something', async () => {
    const { entropy, connection, pass, redis } = await story();
    entropy.start(connection);
    redis.exchange = ['x', digest(0, 5, { r1: 5 })];
    expect(await pass(EXCHANGE_EVERY)).toEqual({ r1: 1 });
    redis.exchange = ['x', digest(9, 12)];
    await pass(EXCHANGE_EVERY);
    redis.exchange = ['x', digest(12, 12)];
    expect(await pass(2 * reread)).toEqual({ r0: 1, r1: 1, r2: 1 });
  });

  test('all, where Redis refuses the digests; another error ends the connection', async () => {
    const { entropy, connection, pass, redis, told, asked, clock } = await story();
    entropy.start(connection);
    redis.exchangeError = new KeyRefusal(['d'], 'WRONGTYPE');
    await pass(EXCHANGE_EVERY);
    expect(told).toEqual(['d']);
    redis.exchangeError = undefined;
    expect(await pass(2 * reread)).toEqual({ r0: 1, r1: 1, r2: 1 });
    redis.exchangeError = new Error('gone');
    clock.advance(EXCHANGE_EVERY);
    await settled();
    expect(asked).toContain('destroyed: gone');
  });

  test('with each exchange, as long as they are doubtful and open', async () => {
    const { entropy, connection, pass, rooms } = await story();
    entropy.start(connection);
    for (const name of ['r0', 'r1', 'r2']) {
      const room = rooms.get(name);
      if (room !== undefined) entropy.found(room, name !== 'r2');
    }
    rooms.get('r1')?.close();
    expect(await pass(3 * EXCHANGE_EVERY)).toEqual({ r0: 1 });
  });

  test('only where they are in sync over this connection', async () => {
    const { entropy, connection, newConnection, pass, rooms, asked } = await story(4);
    entropy.suspect(rooms.values());
    await settled();
    expect(asked).toEqual([]);
    entropy.start(connection);
    rooms.get('r0')?.reopen();
    const other = rooms.get('r1');
    if (other !== undefined) other.subscribedOn = newConnection();
    rooms.get('r2')?.close();
    entropy.suspect(rooms.values());
    expect(await pass(100)).toEqual({ r3: 1 });
    entropy.suspect([...rooms.values()].slice(0, 1));
    expect(await pass(100)).toEqual({});
  });

  test('no more where it is stopped: no timer is left', async () => {
    const { entropy, connection, pass, clock, rooms, asked } = await story();
    entropy.start(connection);
    const [room] = rooms.values();
    if (room !== undefined) entropy.found(room, true);
    entropy.stop();
    expect(clock.waiting).toBe(0);
    entropy.suspect(rooms.values());
    expect(await pass(reread)).toEqual({});
    entropy.start(connection);
    expect(await pass(EXCHANGE_EVERY)).toEqual({});
    expect(asked).toEqual([]);
  });

  test('in vain end the connection', async () => {
    const { entropy, connection, clock, redis, parts, asked } = await story();
    parts.haveDigests = false;
    redis.readError = new Error('gone');
    entropy.start(connection);
    for (let turn = 0; turn < 200; turn++) {
      clock.advance(100);
      await settled();
    }
    expect(asked).toContain('destroyed: gone');
  });
});

describe('a room into which somebody comes', () => {
  test('is kept, or read with the next exchange where it has just been kept', async () => {
    const { entropy, connection, newRoom, clock, pass, done, rooms } = await story(0);
    const room = newRoom('r0');
    rooms.set('r0', room);
    entropy.check(room);
    room.join('anna');
    room.subscribedOn = connection;
    room.synced(connection);
    await settled();
    entropy.start(connection);
    entropy.check(room);
    expect(await pass(EXCHANGE_EVERY)).toEqual({ r0: 1 });
    expect(await pass(EXCHANGE_EVERY)).toEqual({});
    done.length = 0;
    clock.advance(1);
    entropy.check(room);
    await settled();
    expect(done).toContain('run');
    expect(await pass(EXCHANGE_EVERY)).toEqual({});
  });

  test.each([
    ['sets the room aside', new KeyRefusal(['k'], 'WRONGTYPE'), ['r0 refused for k'], []],
    ['ends the connection', new Error('gone'), [], ['destroyed: gone']],
  ])('and that Redis does not keep, %s', async (_what, error, refusals, ends) => {
    const { entropy, connection, newRoom, clock, told, asked } = await story(0);
    const room = newRoom('r0');
    room.join('anna');
    room.subscribedOn = connection;
    room.synced(connection);
    await settled();
    clock.advance(defaultTiming.refresh);
    connection.run = async () => {
      throw error;
    };
    entropy.start(connection);
    entropy.check(room);
    await settled();
    expect([told, asked]).toEqual([refusals, ends]);
  });
});
