import { singleNode } from '../../src/conference/backplane';
import type { BackplaneState, NodeStatus } from '../../src/conference/backplane-status';
import { Asking } from '../../src/http/cluster/asking';
import type { Answers } from '../../src/http/cluster/questions';

afterEach(() => {
  jest.useRealTimers();
});

/** A node that knows of no other. @param onRead called when the node is read */
function start({ state = 'live' as BackplaneState, isLinked = true, onRead = () => {} } = {}) {
  const self: NodeStatus = {
    ...{ id: 'a', machine: 'vm', self: true, state: 'live', startedAt: 0, rooms: 0, streams: 0, version: '' },
  };
  const answers = {
    figures: () => {
      onRead();
      return { rooms: 0, members: 0, limits: [] };
    },
    remove: () => ({ removed: 1, members: [], streams: [] }),
  } as Partial<Answers> as Answers;
  let answer: (question: string) => string | undefined = () => undefined;
  const asking = new Asking({
    status: () => ({ ...singleNode.status(), state, since: 4_711, nodes: [self] }),
    answers: () => answers,
    look: async () => {},
    questions: {
      isLinked,
      ask: async () => new Map(),
      onQuestion: (given) => {
        answer = given;
      },
      start: async () => {},
      stop: () => {},
    },
  });
  return { asking, hear: (kind: string) => answer(JSON.stringify([kind, {}])) };
}

test('a node that was started while Redis is away does not speak for the cluster', async () => {
  const { asking } = start({ state: 'degraded', isLinked: false });
  const missing = { machine: 'any other', since: 4_711 };
  expect((await asking.all('figures', {})).missing).toEqual([{ node: 'unknown', ...missing }]);
  expect(await asking.one('k3f9x2ab', 'remove', { number: 1 })).toEqual({ node: 'k3f9x2ab', ...missing });
});

test.each([
  ['live', false],
  ['degraded', true],
] as const)('a node that is %s, and alone, misses nobody', async (state, isLinked) => {
  const { asking } = start({ state, isLinked });
  expect((await asking.all('figures', {})).missing).toEqual([]);
  expect(await asking.one('k3f9x2ab', 'remove', { number: 1 })).toBe('unknown');
});

test('however much others read, removals are answered', () => {
  jest.useFakeTimers({ now: 0 });
  const { hear } = start({ onRead: () => jest.advanceTimersByTime(200) });
  const readings = Array.from({ length: 5 }, () => hear('figures') !== undefined);
  expect(readings).toEqual([true, true, true, false, false]);
  expect(hear('remove')).toBeDefined();
  jest.advanceTimersByTime(1_000);
  expect(hear('figures')).toBeDefined();
});
