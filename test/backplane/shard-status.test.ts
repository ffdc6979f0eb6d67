import { mergeStatus } from '../../src/backplane/shard-status';
import type { BackplaneState, NodeStatus } from '../../src/conference/backplane-status';

const counts = { published: 1, received: 2, ignored: 3, lost: 4, repaired: 5 };
const shard = (place: string, state: BackplaneState, why?: string, nodes: NodeStatus[] = []) => ({
  place,
  status: { state, since: 0, why, nodes, counts },
});
const node = (id: string, startedAt: number, state: NodeStatus['state'], rooms: number): NodeStatus => ({
  ...{ id, machine: 'm', self: false, state, startedAt, rooms, streams: 2 * rooms, version: '1' },
});

test.each<[BackplaneState[], BackplaneState]>([
  [['live', 'live'], 'live'],
  [['live', 'connecting'], 'connecting'],
  [['connecting', 'degraded', 'live'], 'degraded'],
  [['stopped', 'stopped'], 'stopped'],
  [['live', 'alone'], 'live'],
  [['stopped', 'alone'], 'alone'],
])('%j together are %s', (states, state) => {
  expect(mergeStatus(states.map((each, index) => shard(`r${index}`, each))).state).toBe(state);
});

test('each reason names its primary, and what was counted is added up', () => {
  const merged = mergeStatus([
    shard('a:1', 'degraded', 'gone'),
    shard('b:1', 'live'),
    shard('c:1', 'degraded', 'no'),
  ]);
  expect(merged).toMatchObject({
    why: 'a:1: gone; c:1: no',
    counts: { published: 3, received: 6, ignored: 9, lost: 12, repaired: 15 },
  });
});

test('a node is one, with what it holds over all primaries, and is live where any of them hears of it', () => {
  const { nodes } = mergeStatus([
    shard('a:1', 'live', undefined, [node('y', 2, 'silent', 1), node('x', 1, 'silent', 1)]),
    shard('b:1', 'live', undefined, [node('y', 2, 'live', 4)]),
  ]);
  expect(nodes).toEqual([node('x', 1, 'silent', 1), node('y', 2, 'live', 5)]);
});

test('where there is no reason, none is told; who is silent everywhere is silent', () => {
  const silent = shard('a:1', 'live', undefined, [node('x', 1, 'silent', 1)]);
  const merged = mergeStatus([silent, silent]);
  expect(merged.why).toBeUndefined();
  expect(merged.nodes).toEqual([node('x', 1, 'silent', 2)]);
});
