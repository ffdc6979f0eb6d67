/** The small parts of what goes on over a link, one by one. */

import { KeyRefusal } from '../../src/backplane/connection';
import { EvictionWatch, evictionProblem } from '../../src/backplane/eviction';
import { Keys } from '../../src/backplane/keys';
import { LeftRooms } from '../../src/backplane/left-rooms';
import { deleteDead, takeOut } from '../../src/backplane/leftovers';
import { tryPermissions } from '../../src/backplane/permissions';
import { DELETE_IF, STORE } from '../../src/backplane/scripts';
import { SetAside } from '../../src/backplane/set-aside';
import { State } from '../../src/backplane/state';
import { Strangers } from '../../src/backplane/strangers';
import { silentLogger } from '../../src/logging/events';
import { FakeLink } from '../helpers/fake-servers';
import { observed, scripted } from '../helpers/observed-room';
import { settled } from '../helpers/reading-node';

const keys = new Keys('p');
describe('rooms that were given up', () => {
  const room = (name: string) => keys.room(name);

  test('are remembered for a minute, unless they are held again', () => {
    const left = new LeftRooms();
    left.add('a', room('a'), 0);
    left.add('b', room('b'), 10);
    expect(left.recent(60_000)).toEqual([room('a'), room('b')]);
    expect(left.recent(60_001)).toEqual([room('b')]);
    left.remove('b');
    expect(left.recent(20)).toEqual([room('a')]);
    left.add('a', room('a'), 50_000);
    expect(left.recent(110_000)).toEqual([room('a')]);
  });

  test('are ten thousand at most, the last ones', () => {
    const left = new LeftRooms();
    for (let index = 0; index < 10_001; index++) left.add(`${index}`, room(`${index}`), 0);
    expect(left.recent(0)).toHaveLength(10_000);
    expect(left.recent(0)[0]).toEqual(room('1'));
    left.add('last', room('last'), 60_001);
    expect(left.recent(0)).toEqual([room('last')]);
    left.add('late', room('late'), 120_001);
    expect(left.recent(60_001)).toEqual([room('last'), room('late')]);
  });

  test.each([
    [undefined, 'done'],
    [new KeyRefusal(['k'], 'WRONGTYPE'), 'done'],
    [new Error('gone'), 'gone'],
  ])('are taken out: %s is %s', async (error, outcome) => {
    const { connection, asked } = scripted(() => {
      if (error !== undefined) throw error;
    });
    const done = takeOut(connection, room('a'), { node: 'self', version: 7 }, 3);
    await expect(
      done.then(
        () => 'done',
        ({ message }: Error) => message,
      ),
    ).resolves.toBe(outcome);
    expect(asked).toEqual([['p:{r.a}:h', 'self', '[1,"self",7,[]]', 'p:{r.a}:c']]);
  });

  test.each([
    [new KeyRefusal(['k'], 'WRONGTYPE'), []],
    [new Error('gone'), ['gone']],
  ])('by the dead are deleted; %s ends the connection: %j', async (error, ends) => {
    const { connection, asked } = scripted(() => {
      throw error;
    });
    deleteDead(connection, [{ key: 'k', list: { node: 'x', text: '1', journal: '2' } }]);
    await settled();
    expect(asked).toEqual([['k', 'x', '1', '2'], ...ends]);
  });
});

describe('a message of a stranger', () => {
  const message = (node: string) => ({ node, version: 1, streams: new Map([['anna', 1]]) });

  function story() {
    const { newRoom } = observed();
    const ignored: string[] = [];
    const known = new Set<string>();
    const answers: (() => void)[] = [];
    const strangers = new Strangers(
      () => new Promise((resolve) => answers.push(resolve)),
      (node) => known.has(node),
      ({ name }) => ignored.push(name),
    );
    return { strangers, newRoom, ignored, known, answers };
  }

  test('waits until it was asked who lives; what comes meanwhile, for the next answer', async () => {
    const { strangers, newRoom, ignored, known, answers } = story();
    const [a, b] = [newRoom('a'), newRoom('b')];
    strangers.receive(a, message('x'));
    strangers.receive(b, message('y'));
    known.add('x');
    expect(answers).toHaveLength(1);
    answers[0]?.();
    await settled();
    expect([a.replica.holders(), ignored, answers.length]).toEqual([['x'], [], 2]);
    answers[1]?.();
    await settled();
    expect([b.replica.holders(), ignored]).toEqual([[], ['b']]);
    strangers.receive(a, message('z'));
    expect(answers).toHaveLength(3);
  });

  test('is dropped where a thousand wait, or the link is lost', async () => {
    const { strangers, newRoom, ignored, answers } = story();
    const [first, room, late] = [newRoom('first'), newRoom('room'), newRoom('late')];
    strangers.receive(first, message('x'));
    for (let count = 0; count < 1_000; count++) strangers.receive(room, message('x'));
    expect(ignored).toEqual([]);
    strangers.receive(late, message('x'));
    expect(ignored).toEqual(['late']);
    strangers.clear();
    answers[0]?.();
    await settled();
    expect([ignored, answers.length]).toEqual([['late', 'first'], 1]);
  });
});

test('a room that is set aside is tried again, once, and told once until it works', () => {
  const { clock, newRoom } = observed();
  const lines: unknown[] = [];
  const retried: string[] = [];
  const aside = new SetAside({
    ...{ clock, pause: 10, retry: ({ name }) => retried.push(name) },
    logger: {
      ...silentLogger,
      info: (line: object) => lines.push(['info', line]),
      error: (line: object) => lines.push(['error', line]),
    },
  });
  const [room, closed] = [newRoom(), newRoom('closed')];
  closed.close();
  const refusal = new KeyRefusal(['k'], 'WRONGTYPE');
  const timers = clock.waiting;
  for (const each of [closed, room, room]) aside.add(each, refusal);
  expect(clock.waiting).toBe(timers);
  expect(room.known).toBe(true);
  clock.advance(10);
  expect(retried).toEqual(['room']);
  aside.add(room, refusal);
  expect(lines).toEqual([['error', expect.objectContaining({ key: 'k' })]]);
  aside.clear();
  clock.advance(10);
  expect(retried).toEqual(['room']);
  aside.works(room);
  aside.works(room);
  expect(lines.at(-1)).toEqual(['info', { key: 'p:{r.room}:h' }]);
  expect(lines).toHaveLength(2);
  aside.add(room, refusal);
  aside.remove(room);
  aside.works(room);
  clock.advance(10);
  expect([retried, lines.length]).toEqual([['room'], 3]);
});

describe('what Redis does when its memory is full', () => {
  test('is a problem where it drops keys', () => {
    expect([undefined, 'noeviction'].map(evictionProblem)).toEqual([undefined, undefined]);
    expect(evictionProblem('allkeys-lru')?.why).toContain('maxmemory-policy allkeys-lru');
  });

  test('is looked at with every fifteenth heartbeat', async () => {
    const { connection, asked } = scripted(() => {});
    const changes: unknown[] = [];
    const state = new State(silentLogger, () => changes.push(state.facts.state));
    state.live();
    const watch = new EvictionWatch(state);
    let looks = 0;
    connection.evictionPolicy = async () => {
      if (++looks === 2) throw new Error('gone');
      return 'allkeys-lru';
    };
    for (let count = 0; count < 14; count++) watch.onBeat(connection);
    expect(looks).toBe(0);
    watch.onBeat(connection);
    await settled();
    expect([looks, changes]).toEqual([1, ['live', 'degraded']]);
    for (let count = 0; count < 15; count++) watch.onBeat(connection);
    await settled();
    expect([looks, asked]).toEqual([2, ['gone']]);
  });
});

test('whatever a room will use is tried at the start, a script by its text and by its hash, and leaves nothing', async () => {
  const node = keys.nodes();
  const link = new FakeLink('h:1', () => {});
  const done: string[] = [];
  const told = new Proxy(link, {
    get: (its, name) => {
      const value = Reflect.get(its, name);
      if (typeof value !== 'function') return value;
      return (...parameters: unknown[]) => {
        done.push(name === 'subscribe' ? `subscribe ${parameters}` : String(name));
        return value.apply(its, parameters);
      };
    },
  });
  await tryPermissions(told, node);
  const store = { script: STORE, keys: [node.facts], args: ['?', '', '10000', node.channel] };
  const remove = { script: DELETE_IF, keys: [node.facts], args: ['?', '', ''] };
  expect(link.calls).toEqual([store, store, remove]);
  expect(done).toEqual(['run', `subscribe ${node.channel}`, 'run', 'readHash', 'run', 'unsubscribe']);
  expect([...link.channels]).toEqual([]);
});

test('a permission that is missing ends the start', async () => {
  const link = new FakeLink('h:1', () => {});
  link.unsubscribe = () => Promise.reject(new Error('NOPERM'));
  await expect(tryPermissions(link, keys.nodes())).rejects.toThrow('NOPERM');
});
