import { decodeDigest, encodeDigest, numberOf, SentLately } from '../../src/backplane/digest';

const KEPT = 30_000;

test('a digest tells the newest version of each room that was sent lately, and from where on it tells all', () => {
  const sent = new SentLately(KEPT);
  expect(sent.digest(0)).toEqual({ from: 0, to: 0, versions: new Map() });
  sent.add('a', 1, 0);
  sent.add('b', 2, 10_000);
  sent.add('a', 3, 20_000);
  const { from, versions } = sent.digest(10_000 + KEPT);
  expect([from, versions.size]).toEqual([0, 2]);
  expect(sent.digest(KEPT)).toEqual({
    from: 0,
    to: 3,
    versions: new Map([
      [numberOf('b'), 2],
      [numberOf('a'), 3],
    ]),
  });
  expect(sent.digest(40_001)).toEqual({ from: 2, to: 3, versions: new Map([[numberOf('a'), 3]]) });
  expect(sent.digest(90_000)).toEqual({ from: 3, to: 3, versions: new Map() });
});

test('comes back as it was; anything else is none', () => {
  const digest = { from: 5, to: 9, versions: new Map([[numberOf('é'), 7]]) };
  expect(decodeDigest(encodeDigest(digest))).toEqual(digest);
  expect(decodeDigest('[0,0,[]]')).toEqual({ from: 0, to: 0, versions: new Map() });
  expect(decodeDigest('[0,9,[7,8,9]]')?.versions).toEqual(new Map([[7, 8]]));
  for (const text of ['', '{}', '[1,2]', '[1,2,[3,"4"]]', '[1,-2,[]]', '[1,2,{}]', '[null,2,[]]'])
    expect(decodeDigest(text)).toBeUndefined();
});

test('every node calls a room by the same number, the FNV-1a of its name', () => {
  // The test vectors of http://www.isthe.com/chongo/src/fnv/test_fnv.c, without their last bit.
  expect([numberOf(''), numberOf('a'), numberOf('foobar')]).toEqual([
    0x811c9dc5 >>> 1,
    0xe40c292c >>> 1,
    0xbf9cf968 >>> 1,
  ]);
});

test('rooms have numbers that are small, and seldom the same', () => {
  const numbers = new Set(Array.from({ length: 10_000 }, (_, index) => numberOf(`room ${index}`)));
  expect(numbers.size).toBeGreaterThan(9_990);
  for (const number of numbers) expect(number).toBeLessThan(2 ** 31);
});
