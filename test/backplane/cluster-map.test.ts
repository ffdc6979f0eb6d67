import { clusterMapOf } from '../../src/backplane/cluster-map';
import { redisAddresses } from '../../src/redis-addresses';

const [asked] = redisAddresses('rediss://user:p%40ss@[::1]:7000/2');
const mapOf = (reply: unknown) => {
  if (asked === undefined) throw new Error('no address');
  return clusterMapOf(reply, asked);
};

test('a map has the primaries in the order of their slots, with the credentials of who was asked', () => {
  const { primaries, replicas } = mapOf([
    [9000, 16383, ['10.0.0.2', 7001, 'b', []]],
    [100, 8999, ['10.0.0.1', 7000, 'a'], ['10.0.0.3', 7002, 'c']],
    [0, 99, ['10.0.0.2', 7001, 'b']],
  ]);
  expect(primaries).toEqual([
    {
      id: 'b',
      address: { url: 'rediss://user:p%40ss@10.0.0.2:7001', place: '10.0.0.2:7001', database: 0 },
      ranges: [
        [0, 99],
        [9000, 16383],
      ],
    },
    {
      id: 'a',
      address: { url: 'rediss://user:p%40ss@10.0.0.1:7000', place: '10.0.0.1:7000', database: 0 },
      ranges: [[100, 8999]],
    },
  ]);
  expect(replicas.map(({ place }) => place)).toEqual(['10.0.0.3:7002']);
});

test('a server that does not know its own host is where it was asked; an IPv6 address has its brackets', () => {
  const { primaries } = mapOf([
    [0, 1, ['', 7000, 'a']],
    [2, 3, [null, 7001, 'b']],
    [4, 5, ['fd00::2', 7002, 'c']],
  ]);
  expect(primaries.map(({ address }) => address.place)).toEqual([
    '[::1]:7000',
    '[::1]:7001',
    '[fd00::2]:7002',
  ]);
});

test.each([
  ['redis://h:1', 'redis://'],
  ['redis://user@h:1', 'redis://user:@'],
  ['redis://:word@h:1', 'redis://:word@'],
])('who is asked as %s is asked as %s…', (url, start) => {
  const [address = { url, place: '', database: 0 }] = redisAddresses(url);
  const { primaries } = clusterMapOf([[0, 1, ['b', 2, 'x']]], address);
  expect(primaries.map(({ address: { url: itsUrl } }) => itsUrl)).toEqual([`${start}b:2`]);
});

test('primaries come in the order of their slots, however they were told; what is no list is left out', () => {
  const { primaries, replicas } = mapOf([
    'x',
    [200, 299, ['h', 3, 'c'], 'x'],
    [0, 99, ['h', 1, 'a']],
    [100, 199, ['h', 2, 'b'], null],
  ]);
  expect(primaries.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(replicas).toEqual([]);
});

test.each([[[]], ['?'], [[[0, 1]]], [null]])('no primary in %j is an error', (reply) => {
  expect(() => mapOf(reply)).toThrow('the Redis Cluster has given its slots to nobody yet');
});
