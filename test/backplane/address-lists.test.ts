import { CLUSTER_LIST, listName, listProblem } from '../../src/backplane/address-lists';
import { decodeFacts, encodeFacts, FOREIGN_FACTS } from '../../src/backplane/node-facts';

const facts = {
  startedAt: 1,
  machine: 'm',
  rooms: 0,
  streams: 0,
  version: '1',
  formats: { oldest: 1, newest: 2 },
  synced: true,
  addresses: '',
};
const three = listName(['a:1', 'b:1', 'c:1']);
const other = (addresses: string) => [{ id: 'x', facts: { ...facts, addresses } }];

test('a list is named by its addresses and their order, and shows none of them; a single one has no name', () => {
  expect(three).toMatch(/^3:[\w-]{12}$/);
  expect(listName(['a:1', 'c:1', 'b:1'])).not.toBe(three);
  expect(listName(['a:1', 'b:1', 'c:1'])).toBe(three);
  expect(listName(['a:1'])).toBe('');
});

test('a node tells its list, and nothing more than before where it has one address', () => {
  expect(encodeFacts(facts)).toBe('[1,1,"m",0,0,"1",1,2,true]');
  expect(decodeFacts(encodeFacts({ ...facts, addresses: three }))?.addresses).toBe(three);
  expect(decodeFacts('[1,1,"m",0,0]')?.addresses).toBe('');
});

test.each([
  ['', three, /has 3 addresses \(list .*\) in REDIS_URL, and this one one address/],
  [three, '', /has one address in REDIS_URL, and this one 3 addresses \(list [\w-]{12}\)/],
  [three, CLUSTER_LIST, /has a Redis Cluster/],
])('%j and %j is a problem', (own, others, why) => {
  expect(listProblem(own, other(others))).toEqual({
    why: expect.stringMatching(why),
    remedy: expect.stringMatching(/the same addresses.* in the same order/),
  });
});

test('the same list is none, and neither is a node of which little is known', () => {
  expect(listProblem(three, other(three))).toBeUndefined();
  const unknown = [undefined, FOREIGN_FACTS].map((unknownFacts) => ({ id: 'x', facts: unknownFacts }));
  expect(listProblem(three, unknown)).toBeUndefined();
});
