import { ByteBudget, FROM_CLIENT } from '../../src/sockets/byte-budget';

test('a bucket is full at first, may owe, and fills at its rate up to its size', () => {
  const bucket = new ByteBudget({ burst: 100, rate: 50 }, 1_000);
  expect([bucket.left(1_000), bucket.left(9_000), bucket.wait(1_000)]).toEqual([100, 100, 0]);
  expect(bucket.spend(100, 1_000)).toBe(true);
  expect(bucket.spend(1, 1_000)).toBe(false);
  expect([bucket.left(1_000), bucket.wait(1_000)]).toEqual([-1, 20]);
  expect([bucket.left(2_000), bucket.wait(2_000)]).toEqual([49, 0]);
  expect(bucket.spend(149, 2_000)).toBe(false);
  expect([bucket.left(2_000), bucket.wait(2_000), bucket.wait(3_000)]).toEqual([-100, 2_000, 1_000]);
  expect(bucket.left(60_000)).toBe(100);
});

test('a client may send one message of 4 KiB with its header, and 256 bytes a second after that', () => {
  const bucket = new ByteBudget(FROM_CLIENT, 0);
  expect(bucket.spend(4_110, 0)).toBe(true);
  expect(bucket.spend(256, 1_000)).toBe(true);
  expect(bucket.spend(257, 2_000)).toBe(false);
});
