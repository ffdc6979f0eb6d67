/** What nodes remember together, to the letter: what goes to Redis, how often, and what its replies mean. */
import * as scripts from '../../src/backplane/ledger-scripts';
import { redisLedger } from '../../src/backplane/redis-ledger';
import { defaultTiming } from '../../src/backplane/timing';
import { type Call, fakeRedis, settled } from '../helpers/fake-servers';
import { ManualClock } from '../helpers/manual-clock';

jest.mock('../../src/backplane/redis-servers', () => ({
  RedisServers: jest.requireActual('../helpers/fake-servers').FakeServers,
}));

const STEM = 'p:{webhooks}';
const KEYS = [`${STEM}:z`, `${STEM}:o`, `${STEM}:a`, `${STEM}:c3`];
const ACCOUNT = { seq: 7, isOpen: true, streams: ['anna'] };
const [BEAT, LEASE, SPEAKS_FOR] = [2_000, '15000', 7_000];

beforeEach(() => fakeRedis.reset());

function story() {
  const clock = new ManualClock();
  const said: unknown[] = [];
  const heard: string[] = [];
  const log = (level: string) => (facts: object, message?: string) => said.push([level, message, facts]);
  const logger = { debug() {}, info: log('info'), warn: log('warn'), error: log('error') };
  const settings = { redisUrl: 'redis://h:1/3', redisPrefix: 'p' };
  const ledger = redisLedger(settings, clock, logger as never);
  const start = async () => {
    ledger.start({ linked: () => heard.push('linked'), released: (room) => heard.push(room) });
    await settled();
  };
  /** Time passes until another link has been tried. */
  const tryAgain = async () => {
    clock.advance(defaultTiming.retryMost);
    await settled();
  };
  return { clock, said, heard, ledger, start, tryAgain };
}

const callsOf = (link = 0): readonly Call[] => fakeRedis.links[link]?.calls ?? [];
/** How a node calls itself over a link. */
const nameOn = (link: number) => callsOf(link)[0]?.args[0] ?? '';
const lives = (link: number) => callsOf(link).filter(({ script }) => script === scripts.LIVE);

test('with a link it says that it lives, tries what it will need, and hears of rooms that are released', async () => {
  const { ledger, start, heard, said } = story();
  expect(ledger.isLinked).toBe(false);
  await expect(ledger.claim('r')).rejects.toThrow('there is no link to Redis');
  await start();
  const self = nameOn(0);
  expect(fakeRedis.names).toEqual([`conference-host-webhooks-${self.replace(/\.1$/, '')}`]);
  expect(callsOf()).toEqual([
    { script: scripts.LIVE, keys: KEYS, args: [self, LEASE, ''] },
    { script: scripts.TRY, keys: [`${STEM}:o`, `${STEM}:t`], args: [] },
  ]);
  expect([...(fakeRedis.links[0]?.channels ?? [])]).toEqual([`${STEM}:c3`]);
  fakeRedis.links[0]?.hear(`${STEM}:c3`, 'attic');
  expect([ledger.isLinked, heard, said]).toEqual([true, ['linked', 'attic'], []]);
});

test('it says so every two seconds; who was not answered for seven does not speak, until it is', async () => {
  const { ledger, start, clock, heard } = story();
  await start();
  for (let beat = 2; beat < 5; beat++) {
    clock.advance(BEAT - 1);
    await settled();
    expect(lives(0)).toHaveLength(beat - 1);
    clock.advance(1);
    await settled();
    expect(lives(0)).toHaveLength(beat);
  }
  expect(lives(0).at(-1)?.args).toEqual([nameOn(0), LEASE, '']);
  let answer = () => {};
  fakeRedis.reply = () =>
    new Promise((resolve) => {
      answer = () => resolve(1);
    });
  clock.advance(SPEAKS_FOR - 1);
  expect(ledger.isLinked).toBe(true);
  clock.advance(1);
  expect([ledger.isLinked, heard]).toEqual([false, ['linked']]);
  answer();
  await settled();
  // The answer is to what was said five seconds ago.
  expect([ledger.isLinked, heard]).toEqual([true, ['linked', 'linked']]);
  clock.advance(SPEAKS_FOR - 5_000);
  expect(ledger.isLinked).toBe(false);
});

test('a heartbeat that fails ends the link', async () => {
  const { start, clock } = story();
  await start();
  fakeRedis.reply = () => Promise.reject(new Error('no room'));
  clock.advance(BEAT);
  await settled();
  expect(fakeRedis.links[0]?.why).toBe('no room');
});

test('over another link it is another one, and what it was does not live any more', async () => {
  const { start, heard, said, clock, tryAgain } = story();
  await start();
  fakeRedis.links[0]?.destroy(new Error('gone'));
  await settled();
  expect(said).toEqual([['warn', 'webhooks wait: Redis knows what was told', { why: 'gone' }]]);
  expect(clock.waiting).toBe(1);
  await tryAgain();
  const [first, second] = [nameOn(0), nameOn(1)];
  expect(second).toBe(first.replace(/\.1$/, '.2'));
  expect(lives(1).map(({ args }) => args)).toEqual([[second, LEASE, first]]);
  expect([heard, said[1]]).toEqual([
    ['linked', 'linked'],
    ['info', 'webhooks go on: Redis is back', {}],
  ]);
  expect(said).toHaveLength(2);
});

test('what it was does not live any more either where a link fails before Redis has heard that', async () => {
  const { start, tryAgain } = story();
  await start();
  fakeRedis.reply = () => Promise.reject(new Error('LOADING Redis is loading the dataset in memory'));
  fakeRedis.links[0]?.destroy(new Error('gone'));
  await settled();
  await tryAgain();
  fakeRedis.reply = async () => 1;
  await tryAgain();
  const [first, second] = [nameOn(0), nameOn(0).replace(/\.1$/, '.2')];
  expect([...lives(1), ...lives(2)].map(({ args }) => args)).toEqual([
    [second, LEASE, first],
    [second, LEASE, first],
  ]);
});

test('each reason why Redis is away is said once, with what to do where that is known', async () => {
  const { start, said, tryAgain } = story();
  fakeRedis.connecting = () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:1'));
  await start();
  await tryAgain();
  expect(said).toHaveLength(1);
  fakeRedis.connecting = () => Promise.reject(new Error('NOAUTH Authentication required.'));
  await tryAgain();
  await tryAgain();
  expect(said.slice(1)).toEqual([
    ['warn', expect.any(String), { why: expect.any(String), remedy: expect.any(String) }],
  ]);
  fakeRedis.connecting = async () => {};
  await tryAgain();
  fakeRedis.links[0]?.destroy(new Error('NOAUTH Authentication required.'));
  await settled();
  expect(said).toHaveLength(4);
});

test.each<[unknown, unknown]>([
  ['', { account: undefined }],
  [JSON.stringify(ACCOUNT), { account: ACCOUNT }],
  ['{', { account: undefined }],
  ['null', { account: undefined }],
  ['{"seq":1.5,"streams":[]}', { account: undefined }],
  ['{"seq":1,"streams":{}}', { account: undefined }],
  [null, undefined],
])('a claim that is answered with %j is %j', async (reply, outcome) => {
  const { ledger, start } = story();
  await start();
  fakeRedis.reply = async () => reply;
  expect(await ledger.claim('attic')).toEqual(outcome);
  const keys = [...KEYS, `${STEM}:s:attic`];
  expect(callsOf().at(-1)).toEqual({ script: scripts.CLAIM, keys, args: [nameOn(0), 'attic'] });
});

test('what is saved, settled and released names the node, its rooms and their accounts', async () => {
  const { ledger, start } = story();
  await start();
  const [self, text] = [nameOn(0), JSON.stringify(ACCOUNT)];
  expect(await ledger.save('attic', ACCOUNT)).toBe(true);
  fakeRedis.reply = async () => 0;
  expect(await ledger.save('attic', ACCOUNT)).toBe(false);
  expect(callsOf().at(-1)).toEqual({ script: scripts.SAVE, keys: KEYS, args: [self, 'attic', text] });
  await ledger.settle('attic', ACCOUNT);
  const keys = [...KEYS, `${STEM}:s:attic`];
  expect(callsOf().at(-1)).toEqual({ script: scripts.SETTLE, keys, args: [self, 'attic', text, '3600000'] });
  const before = callsOf().length;
  const rooms = Array.from({ length: 1_001 }, (_, n) => `r${n}`);
  await ledger.release(rooms);
  const released = callsOf().slice(before);
  expect(released.map(({ script, args }) => [script, args[0], args.length - 1])).toEqual(
    [500, 500, 1].map((count) => [scripts.RELEASE, self, count]),
  );
  expect(released.flatMap(({ args }) => args.slice(1))).toEqual(rooms);
  await ledger.release([]);
  expect(callsOf()).toHaveLength(before + released.length);
});

test('orphans are asked for until there are no more', async () => {
  const { ledger, start } = story();
  await start();
  const replies: unknown[] = [['17', 'a', '5', 'b', 60], ['4'], ['0', 'c', '0', 'odd'], 'nonsense'];
  fakeRedis.reply = async () => replies.shift();
  expect(await ledger.orphans()).toEqual([
    { room: 'a', age: 5 },
    { room: 'b', age: 60 },
    { room: 'c', age: 0 },
  ]);
  expect(await ledger.orphans()).toEqual([]);
  const asked = callsOf().filter(({ script }) => script === scripts.ORPHANS);
  expect(asked.map(({ args }) => args)).toEqual(['0', '17', '4', '0'].map((cursor) => [cursor, '500']));
});

test('notices are left where there are any, and taken by whoever comes', async () => {
  const { ledger, start } = story();
  await start();
  const before = callsOf().length;
  await ledger.leave([]);
  expect(callsOf()).toHaveLength(before);
  await ledger.leave(['x', 'y']);
  const keys = [`${STEM}:n`];
  expect(callsOf().at(-1)).toEqual({ script: scripts.LEAVE_NOTICES, keys, args: ['1000', 'x', 'y'] });
  fakeRedis.reply = async () => ['x', 5];
  expect(await ledger.takeOver()).toEqual(['x', '5']);
  expect(callsOf().at(-1)).toEqual({ script: scripts.TAKE_NOTICES, keys, args: ['500'] });
  fakeRedis.reply = async () => ({});
  expect(await ledger.takeOver()).toEqual([]);
});

test('a node that stops has no timers and no link', async () => {
  const { ledger, start, clock } = story();
  await start();
  expect(clock.waiting).toBe(1);
  ledger.stop();
  await settled();
  expect([clock.waiting, ledger.isLinked, fakeRedis.links[0]?.why]).toEqual([0, false, 'the node stops']);
});
