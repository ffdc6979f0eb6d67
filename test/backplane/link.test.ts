import type { Connect, Connection } from '../../src/backplane/connection';
import { Link } from '../../src/backplane/link';
import { State } from '../../src/backplane/state';
import { defaultTiming } from '../../src/backplane/timing';
import { silentLogger } from '../../src/logging/events';
import { ManualClock } from '../helpers/manual-clock';

const settled = () => new Promise(setImmediate);

/** A connection that does nothing but end. */
function newConnection(): Connection {
  let end: (why: Error) => void = () => {};
  const lost = new Promise<Error>((resolve) => {
    end = resolve;
  });
  const nothing = async () => {};
  return {
    lost,
    destroy: (why) => end(why),
    subscribe: nothing,
    unsubscribe: nothing,
    readHash: async () => ({}),
    run: nothing,
    evictionPolicy: async () => undefined,
  };
}

/** A link whose connections are those that the test gives, or fail. */
function start(random: () => number, connections: Connection[] = [], sync = async () => {}) {
  const clock = new ManualClock();
  const attempts: number[] = [];
  const heard: string[] = [];
  const connect: Connect = async () => {
    attempts.push(clock.now());
    const connection = connections.shift();
    if (connection === undefined) throw new Error('nobody answers');
    return connection;
  };
  const link = new Link({
    connect,
    clock,
    timing: defaultTiming,
    random,
    onMessage: () => {},
    sync,
    onLive: () => heard.push('live'),
    onDown: ({ message }) => heard.push(message),
  });
  const ended = link.run();
  const pass = async (milliseconds: number) => {
    await settled();
    for (let passed = 0; passed < milliseconds; passed += 50) {
      clock.advance(50);
      await settled();
    }
  };
  return { link, clock, ended, attempts, heard, pass };
}

describe('the link', () => {
  test('tries again after 50 ms, then less and less often, but every 2 s at the least', async () => {
    const { link, attempts, pass } = start(() => 1);
    await pass(20_000);
    const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(pauses.slice(0, 7)).toEqual([150, 250, 450, 850, 1650, 2000, 2000]);
    expect(Math.max(...pauses)).toBe(2000);
    link.stop();
  });

  test('spreads the attempts of many nodes', async () => {
    const { link, attempts, pass } = start(() => 0);
    await pass(200);
    expect(attempts).toEqual([0, 50, 100, 150, 200]);
    link.stop();
  });

  test('says once that it is live, and once that it is lost and why; after being live it is quick again', async () => {
    const [first, second] = [newConnection(), newConnection()];
    const { link, heard, attempts, pass } = start(() => 1, [first, second]);
    await pass(0);
    expect([link.connection, link.isLive]).toEqual([first, true]);
    first.destroy(new Error('cut'));
    await settled();
    expect([link.connection, link.isLive]).toEqual([undefined, false]);
    await pass(150);
    second.destroy(new Error('cut again'));
    await pass(150);
    expect(heard).toEqual(['live', 'cut', 'live', 'cut again', 'nobody answers']);
    expect(attempts).toEqual([0, 150, 300]);
    link.stop();
  });

  test('a connection that is made too late is ended', async () => {
    const connection = newConnection();
    const { link, heard } = start(() => 0, [connection]);
    link.stop();
    await connection.lost;
    await settled();
    expect(heard).toEqual([]);
  });

  test('a connection that is stopped while everything is said is not live', async () => {
    const { link, heard } = start(
      () => 0,
      [newConnection()],
      async () => link.stop(),
    );
    await settled();
    expect(heard).toEqual([]);
  });
});

describe('a link', () => {
  test('that cannot say everything is made anew', async () => {
    const [first, second] = [newConnection(), newConnection()];
    let isBroken = true;
    const { link, heard, pass } = start(
      () => 0,
      [first, second],
      async () => {
        if (isBroken) throw new Error('no');
      },
    );
    expect(link.isLive).toBe(false);
    await settled();
    expect([link.connection, link.isLive, heard]).toEqual([undefined, false, ['no']]);
    expect((await first.lost).message).toBe('no');
    isBroken = false;
    await pass(50);
    expect([link.connection, heard]).toEqual([second, ['no', 'live']]);
    link.stop();
    expect((await second.lost).message).toBe('the node stops');
  });

  test('that is stopped while it waits ends at once, and leaves no timer', async () => {
    const { link, clock, ended } = start(() => 0);
    await settled();
    expect(clock.waiting).toBe(1);
    link.stop();
    await ended;
    expect(clock.waiting).toBe(0);
  });
});

describe('the state', () => {
  test('is told once for each reason, and lasts until it is live again', () => {
    const lines: string[] = [];
    const log = (level: string) => (_facts: object, message?: string) => lines.push(`${level}: ${message}`);
    const logger = { ...silentLogger, info: log('info'), warn: log('warn'), error: log('error') };
    let changes = 0;
    const state = new State(logger, () => changes++);
    expect(state.facts.state).toBe('connecting');
    state.degraded(new Error('nobody answers'));
    const { since } = state.facts;
    state.degraded(new Error('nobody answers'));
    state.degraded(new Error('NOAUTH Authentication required.'));
    expect(state.facts).toEqual({
      state: 'degraded',
      since,
      why: expect.stringMatching(/^NOAUTH.*password/),
    });
    state.live();
    expect(state.facts).toMatchObject({ state: 'live', why: undefined });
    expect(lines).toEqual([
      'warn: rooms are not shared with the other nodes: retrying',
      'error: rooms are not shared with the other nodes: retrying',
      'info: rooms are shared with the other nodes again',
    ]);
    expect(changes).toBe(3);
  });

  test('is degraded while a link that is live has concerns: each is told once, and once when it is over', () => {
    const lines: unknown[] = [];
    const log = (level: string) => (facts: object, message?: string) => lines.push([level, facts, message]);
    const logger = { ...silentLogger, info: log('info'), warn: log('warn'), error: log('error') };
    const changes: unknown[] = [];
    const state = new State(logger, () => changes.push([state.facts.state, state.facts.why]));
    const evicts = { why: 'it evicts', remedy: 'do not' };
    state.concern('eviction', evicts);
    state.concern('format', undefined);
    expect(changes).toEqual([]);
    state.live();
    state.concern('eviction', evicts);
    state.concern('format', { why: 'another format', remedy: undefined });
    state.concern('eviction', undefined);
    state.concern('eviction', undefined);
    state.degraded(new Error('gone'));
    state.live();
    state.concern('format', undefined);
    state.stopped();
    expect(changes).toEqual([
      ['degraded', 'it evicts (do not)'],
      ['degraded', 'it evicts (do not); another format'],
      ['degraded', 'another format'],
      ['degraded', 'gone'],
      ['degraded', 'another format'],
      ['live', undefined],
      ['stopped', undefined],
    ]);
    expect(lines).toEqual([
      ['error', { concern: 'eviction', ...evicts }, 'rooms may be shared incompletely'],
      ['info', {}, 'rooms are shared with the other nodes'],
      ['error', { concern: 'format', why: 'another format' }, 'rooms may be shared incompletely'],
      ['info', { concern: 'eviction' }, 'rooms are shared completely again'],
      ['warn', { why: 'gone' }, 'rooms are not shared with the other nodes: retrying'],
      ['info', { seconds: expect.any(Number) }, 'rooms are shared with the other nodes again'],
      ['info', { concern: 'format' }, 'rooms are shared completely again'],
    ]);
  });

  test('has begun when it was entered, and a link was lost for as long as it was', () => {
    jest.useFakeTimers({ now: 1_000 });
    try {
      const lines: object[] = [];
      const logger = { ...silentLogger, info: (facts: object) => lines.push(facts) };
      const state = new State(logger, () => {});
      expect(state.facts.since).toBe(1_000);
      jest.setSystemTime(2_000);
      state.live();
      expect(state.facts.since).toBe(2_000);
      jest.setSystemTime(10_000);
      state.degraded(new Error('gone'));
      jest.setSystemTime(11_000);
      state.degraded(new Error('still gone'));
      expect(state.facts.since).toBe(10_000);
      jest.setSystemTime(13_240);
      state.live();
      state.concern('format', { why: 'x', remedy: undefined });
      expect(state.facts.since).toBe(13_240);
      expect(lines).toEqual([{}, { seconds: 3.2 }]);
    } finally {
      jest.useRealTimers();
    }
  });
});
