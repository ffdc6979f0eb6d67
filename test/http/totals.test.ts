import { EventEmitter } from 'node:events';
import { singleNode } from '../../src/conference/backplane';
import type { NodeStatus } from '../../src/conference/backplane-status';
import { Rooms } from '../../src/conference/rooms';
import { Asking } from '../../src/http/cluster/asking';
import { Cluster } from '../../src/http/cluster/cluster';
import { nodeName } from '../../src/http/cluster/member-id';
import type { Answers } from '../../src/http/cluster/questions';
import { Sampler } from '../../src/http/sampler';
import { Watch } from '../../src/http/watch';

const none = { last: 0, skipped: 0, happenings: [] };

/** Each node has a member in a room that both share, and one in a room of its own. */
function answersOf(node: string): Answers {
  const room = (room: string) => ({ room, members: 1, streams: room === 'shared' ? 2 : 1, since: 1 });
  return {
    rooms: () => ({ rooms: [room('shared'), room(node)], left: 0 }),
    room: () => ({ members: 0, streams: [], since: 0, recent: [] }),
    members: () => ({ total: 0, members: [] }),
    remove: () => ({ removed: 0, members: [], streams: [] }),
    banned: () => ({ removed: 0 }),
    message: () => ({ receivers: 0 }),
    figures: () => ({ rooms: 2, members: 2, limits: [] }),
    news: () => none,
  };
}

/** Two nodes, of which the other answers only to the kinds of questions that it hears. */
function start() {
  const facts = { machine: 'vm', state: 'live', startedAt: 0, rooms: 0, streams: 0, version: '' } as const;
  const nodes: NodeStatus[] = ['a', 'b'].map((id) => ({ ...facts, id, self: id === 'a' }));
  const hears = new Set<string>(['rooms', 'figures', 'news']);
  const other: Record<string, (question: never) => unknown> = answersOf('b');
  const asking = new Asking({
    status: () => ({ ...singleNode.status(), nodes }),
    look: async () => {},
    answers: () => answersOf('a'),
    questions: {
      isLinked: true,
      ask: async (_nodes, text) => {
        const [kind, question] = JSON.parse(text);
        return new Map(hears.has(kind) ? [['b', JSON.stringify(other[kind]?.(question as never))]] : []);
      },
      start: async () => {},
      onQuestion: () => {},
      stop: () => {},
    },
  });
  return { asking, hears, cluster: new Cluster(asking, 0, '1.0.0') };
}

const OTHER = nodeName('b');

test('what all nodes have is counted once', async () => {
  const { cluster } = start();
  expect(await cluster.totals()).toMatchObject({ rooms: 3, streams: 4, members: 4, missing: [] });
});

test.each([
  ['rooms', { rooms: 2, streams: 3, members: 4 }],
  ['figures', { rooms: 3, streams: 4, members: 2 }],
])('a node that is late with its %s is missing, though it has told the rest', async (kind, totals) => {
  const { cluster, hears } = start();
  hears.delete(kind);
  const missing = [{ node: OTHER, machine: 'vm', since: expect.any(Number) }];
  const told = await cluster.totals();
  expect(told).toMatchObject({ ...totals, missing });
  expect(told.nodes.map((node) => node.missing)).toEqual([undefined, true]);
});

test('who looks on is told of a count that misses somebody, and it is not kept', async () => {
  jest.useFakeTimers();
  const { asking, cluster, hears } = start();
  const sampler = new Sampler(new EventEmitter(), new Rooms());
  const reader = new Watch(asking, cluster, sampler).open(undefined);
  hears.delete('rooms');
  expect(await reader.next()).toMatchObject({ rooms: 2, missing: [{ node: OTHER }] });
  reader.feed();
  hears.add('rooms');
  const next = reader.next();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(await next).toMatchObject({ rooms: 3, missing: [] });
  reader.close();
  sampler.close();
  jest.useRealTimers();
});

test('what is no answer is as good as none', async () => {
  const { cluster } = start();
  const broken = start();
  const text = '{"rooms":[{"room":1}],"left":0}';
  const asking = new Asking({
    status: () => ({ ...singleNode.status(), nodes: broken.asking.known() }),
    look: async () => {},
    answers: () => answersOf('a'),
    questions: {
      isLinked: true,
      ask: async () => new Map([['b', text]]),
      start: async () => {},
      onQuestion: () => {},
      stop: () => {},
    },
  });
  expect((await new Cluster(asking, 0, '').census()).missing).toMatchObject([{ node: OTHER }]);
  expect((await cluster.census()).missing).toEqual([]);
});

test.each([
  '',
  'null',
  '1',
  '[]',
  '{}',
  '["rooms"]',
  '["rooms",{"search":1}]',
  '["toString",{}]',
  '["rooms",',
])('what is no question is not answered: %s', (text) => {
  let answer: (question: string) => string | undefined = () => 'never asked';
  new Asking({
    status: singleNode.status,
    look: async () => {},
    answers: () => answersOf('a'),
    questions: {
      isLinked: true,
      ask: async () => new Map(),
      start: async () => {},
      onQuestion: (given) => {
        answer = given;
      },
      stop: () => {},
    },
  });
  expect(answer(text)).toBeUndefined();
  expect(answer('["figures",{}]')).toBe('{"rooms":2,"members":2,"limits":[]}');
});
