import { Keys, slotOfRoom } from '../../src/backplane/keys';
import {
  covers,
  overlap,
  rangeOf,
  SLOTS,
  type SlotRange,
  slotOfKey,
  slotOfTag,
  tagOn,
} from '../../src/backplane/slots';
import { describeWithRedis } from '../helpers/programs';
import { RedisServer } from '../helpers/redis';

const ROOMS = ['lobby', 'a b', '}x', '{}', 'é', 'x'.repeat(300), '__proto__', 'r.x-1_2'];

test('the slot of a tag is its CRC16, by the test vector of the Redis Cluster specification', () => {
  expect(slotOfTag('123456789')).toBe(0x31c3 % SLOTS);
  expect(slotOfTag('')).toBe(0);
});

describeWithRedis('a key', (program) => {
  test('is in the slot that Redis itself names, and so is its room', async () => {
    const redis = await RedisServer.start(program, '--cluster-enabled', 'yes');
    try {
      for (const room of ROOMS) {
        const { hash, channel } = new Keys('p', 0).room(room);
        const slot = await redis.command('CLUSTER', 'KEYSLOT', hash);
        expect([slotOfKey(hash), slotOfKey(channel), slotOfRoom(room)]).toEqual([slot, slot, slot]);
      }
    } finally {
      await redis.stop();
    }
  });
});

test.each([1, 2, 3, 7])('%d plain Redis share the slots evenly, each of them once', (count) => {
  const ranges = Array.from({ length: count }, (_, index) => rangeOf(index, count));
  expect(ranges[0]?.[0]).toBe(0);
  expect(ranges.at(-1)?.[1]).toBe(SLOTS - 1);
  for (const [index, [from, to]] of ranges.entries()) {
    expect(from).toBe((ranges[index - 1]?.[1] ?? -1) + 1);
    expect(Math.abs(to - from + 1 - SLOTS / count)).toBeLessThan(1);
  }
});

test('a tag is found for each primary, and is the usual one where that lands on it', () => {
  const parts = [0, 1, 2].map((index): readonly SlotRange[] => [rangeOf(index, 3)]);
  const tags = parts.map((ranges) => tagOn(ranges, 'nodes'));
  expect(tags).toContain('nodes');
  expect(new Set(tags).size).toBe(3);
  for (const [index, tag] of tags.entries()) expect(covers(parts[index] ?? [], slotOfTag(tag))).toBe(true);
  expect(covers([[77, 77]], slotOfTag(tagOn([[77, 77]], 'nodes')))).toBe(true);
  expect(tagOn([], 'nodes')).toBe('nodes');
});

test.each<[SlotRange[], SlotRange[], boolean]>([
  [[[0, 5]], [[6, 9]], false],
  [[[0, 5]], [[5, 9]], true],
  [[[5, 9]], [[0, 5]], true],
  [[[0, 99]], [[5, 9]], true],
  [[[5, 9]], [[0, 99]], true],
  [
    [
      [0, 1],
      [7, 9],
    ],
    [
      [3, 4],
      [9, 9],
    ],
    true,
  ],
  [
    [
      [0, 1],
      [7, 9],
    ],
    [
      [2, 6],
      [10, 12],
    ],
    false,
  ],
  [[], [[0, 5]], false],
])('%j and %j have a slot in common: %j', (some, others, does) => {
  expect(overlap(some, others)).toBe(does);
});
