import { systemClock } from '../../src/clock';
import type { GuessFacts, OperationFacts } from '../../src/events';
import type { MemberPage } from '../../src/http/shapes';
import { readEvents } from '../helpers/events';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN, ask, askRaw } from '../helpers/http';
import { TestLog } from '../helpers/log';

const METRICS_TOKEN = 'a-token-for-reading-in-tests';
const WRONG = 'a-token-that-is-wrong';
/** An address to which limits apply, as a proxy reports it. */
const STRANGER = '198.51.100.1';

const bearer = (token: string, address?: string) => ({
  authorization: `Bearer ${token}`,
  ...(address === undefined ? {} : { 'x-forwarded-for': address }),
});

const HOSTS = [
  ['beside an admin token', { adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN }],
  ['alone', { metricsToken: METRICS_TOKEN }],
] as const;

describe.each(HOSTS)('the metrics token %s', (_, tokens) => {
  test.each(['/metrics', '/api/rooms', '/api/rooms/room', '/api/room?room=room', '/api/openapi.json'])(
    'reads %s',
    async (path) => {
      const { port, join } = await startHost(tokens);
      await join('room', 'anna');
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(port, path, { method, headers: bearer(METRICS_TOKEN) });
        expect([method, answer.status]).toEqual([method, 200]);
      }
    },
  );

  test('reads the events', async () => {
    const { port } = await startHost(tokens);
    const response = await fetch(`http://127.0.0.1:${port}/api/events`, { headers: bearer(METRICS_TOKEN) });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  test.each([
    ['DELETE', '/api/rooms/room'],
    ['DELETE', '/api/room?room=room'],
    ['DELETE', '/api/stream?room=room&streamName=anna'],
    ['DELETE', '/api/members/1'],
    ['DELETE', '/api/nothing'],
    ['POST', '/api/rooms'],
    ['PUT', '/metrics'],
  ])('is not enough for %s %s', async (method, path) => {
    const { port, join } = await startHost(tokens);
    const anna = await join('room', 'anna');
    const { status, json } = await ask(port, path, { method, headers: bearer(METRICS_TOKEN) });
    expect([status, json]).toEqual([403, { error: 'forbidden', message: expect.any(String) }]);
    await join('room', 'ben');
    expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
  });

  test('is not an admin token, nor is a wrong one', async () => {
    const { port } = await startHost({ metricsToken: METRICS_TOKEN });
    for (const token of [ADMIN_TOKEN, `${METRICS_TOKEN}x`, METRICS_TOKEN.slice(1)]) {
      for (const method of ['GET', 'DELETE']) {
        const { status } = await ask(port, '/api/rooms/room', { method, headers: bearer(token) });
        expect(status).toBe(401);
      }
    }
  });
});

test('the two tokens may not be the same', async () => {
  const started = startHost({ adminToken: ADMIN_TOKEN, metricsToken: ADMIN_TOKEN });
  await expect(started).rejects.toThrow(/^adminToken and metricsToken are the same: /);
});

describe('guesses', () => {
  afterEach(() => jest.restoreAllMocks());

  /** A host behind a proxy, whose clock stands still until a test moves it. */
  async function startGuessed() {
    const now = jest.spyOn(systemClock, 'now').mockReturnValue(0);
    const log = new TestLog();
    const started = await startHost({
      ...{ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN },
      ...{ trustProxy: ['loopback'], maxHandshakesPerIp: 1_000, logger: log.logger },
    });
    const guesses: GuessFacts[] = [];
    started.host.events.on('guessed', (guess) => guesses.push(guess));
    const bring = (token: string, path: string, from?: string) =>
      ask(started.port, path, { headers: bearer(token, from) });
    const guess = (times: number, from?: string) =>
      Promise.all(Array.from({ length: times }, () => bring(WRONG, '/api/rooms', from)));
    return { ...started, now, log, guesses, bring, guess };
  }

  test('beyond twenty a second get 429, right or wrong, until the second is over', async () => {
    const { now, guesses, bring, guess } = await startGuessed();
    const statuses = (await guess(100, STRANGER)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(80);
    for (const path of ['/api/rooms', '/metrics', '/healthz']) {
      for (const token of [ADMIN_TOKEN, METRICS_TOKEN, WRONG]) {
        const { status, headers, json } = await bring(token, path, STRANGER);
        expect([path, status, headers.get('retry-after')]).toEqual([path, 429, '1']);
        expect(json).toMatchObject({ error: 'too_many_guesses' });
      }
    }
    expect((await bring(ADMIN_TOKEN, '/api/rooms', '198.51.100.2')).status).toBe(200);
    expect(guesses).toHaveLength(109);
    now.mockReturnValue(1_000);
    expect((await bring(ADMIN_TOKEN, '/api/rooms', STRANGER)).status).toBe(200);
  });

  test('from one IPv6 /64 network count as one address', async () => {
    const { bring, guess } = await startGuessed();
    await guess(20, '2001:db8::1');
    expect((await bring(ADMIN_TOKEN, '/api/rooms', '2001:db8::2')).status).toBe(429);
    expect((await bring(ADMIN_TOKEN, '/api/rooms', '2001:db8:0:1::1')).status).toBe(200);
  });

  test('from a shared address do not lock out the right token', async () => {
    const { bring, guess } = await startGuessed();
    await guess(20);
    expect((await bring(WRONG, '/api/rooms')).status).toBe(429);
    expect((await bring(ADMIN_TOKEN, '/api/rooms')).status).toBe(200);
    expect((await bring(METRICS_TOKEN, '/metrics')).status).toBe(200);
  });

  test('do not include requests without a token, or with the right one', async () => {
    const { port, guesses, bring } = await startGuessed();
    for (let time = 0; time < 30; time++) {
      const headers = { 'x-forwarded-for': STRANGER };
      expect((await ask(port, '/api/rooms', { headers })).status).toBe(401);
      expect((await ask(port, '/healthz', { headers })).status).toBe(200);
      expect((await bring(ADMIN_TOKEN, '/api/rooms', STRANGER)).status).toBe(200);
    }
    expect(guesses).toEqual([]);
  });

  test('are in the log and in the metrics, without the token', async () => {
    const { log, bring, guess } = await startGuessed();
    await bring(WRONG, '/healthz', STRANGER);
    const facts = { level: 40, address: STRANGER, area: 'health', outcome: 'wrong' };
    expect(await log.line('wrong token')).toMatchObject(facts);
    await bring(WRONG, '/metrics', STRANGER);
    await guess(25, STRANGER);
    const { body } = await bring(METRICS_TOKEN, '/metrics');
    expect(body).toMatch(/^conference_token_guesses_total{outcome="wrong"} 20$/m);
    expect(body).toMatch(/^conference_token_guesses_total{outcome="too_many"} 7$/m);
    expect(log.text).not.toMatch(WRONG);
  });
});

describe('an operation', () => {
  async function startOperated() {
    const log = new TestLog();
    const started = await startHost({
      ...{ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN },
      ...{ trustProxy: ['loopback'], logger: log.logger },
    });
    await started.join('room', 'anna');
    await started.join('room', 'ben');
    await started.join('other', 'carla');
    return { ...started, log };
  }

  const cases: [string, string, Partial<OperationFacts>][] = [
    ['/api/rooms/room', ADMIN_TOKEN, { room: 'room', outcome: 'removed', removed: 2 }],
    ['/api/room?room=room', ADMIN_TOKEN, { room: 'room', outcome: 'removed', removed: 2 }],
    ['/api/room?room=room&x=secret', METRICS_TOKEN, { room: 'room', outcome: 'forbidden', removed: 0 }],
    ['/api/rooms/nowhere', ADMIN_TOKEN, { room: 'nowhere', outcome: 'not_found', removed: 0 }],
    ['/api/members/ben', ADMIN_TOKEN, { room: 'room', stream: 'ben', outcome: 'removed', removed: 1 }],
    ['/api/members/00000000-1', ADMIN_TOKEN, { member: '00000000-1', outcome: 'not_found', removed: 0 }],
    ['/api/members/ben', METRICS_TOKEN, { outcome: 'forbidden', removed: 0 }],
    ['/api/members/%0A', METRICS_TOKEN, { member: 'not an id', outcome: 'forbidden', removed: 0 }],
    [
      '/api/stream?room=room&streamName=anna',
      ADMIN_TOKEN,
      { room: 'room', stream: 'anna', outcome: 'removed', removed: 1 },
    ],
    [
      '/api/stream?room=room&streamName=carla',
      ADMIN_TOKEN,
      { room: 'room', stream: 'carla', outcome: 'not_found', removed: 0 },
    ],
    [
      '/api/stream?room=a%2Fb&streamName=c',
      METRICS_TOKEN,
      { room: 'a/b', stream: 'c', outcome: 'forbidden', removed: 0 },
    ],
    ['/api/rooms/my%20room', METRICS_TOKEN, { room: 'my room', outcome: 'forbidden', removed: 0 }],
    ['/api/room?room=a%2Fb', METRICS_TOKEN, { room: 'a/b', outcome: 'forbidden', removed: 0 }],
  ];

  test.each(cases)('DELETE %s is a line in the log, and counted', async (path, token, facts) => {
    const { port, log } = await startOperated();
    const { members } = (await ask(port, '/api/members?search=ben')).json as MemberPage;
    const target = path.replace('ben', members[0]?.id ?? '');
    const by = token === ADMIN_TOKEN ? 'operator' : 'viewer';
    await ask(port, target, { method: 'DELETE', headers: bearer(token, STRANGER) });
    const line = await log.line('an operator asked for a removal');
    expect(line).toMatchObject({ level: 40, address: STRANGER, method: 'DELETE', by, ...facts });
    if (target !== path) expect(line).toMatchObject({ member: members[0]?.id });
    const events = await readEvents(port, '/api/events');
    const { happenings } = await events.next('feed');
    const { stream, ...told } = facts;
    const named = stream === undefined ? {} : { streamName: stream };
    const removal = { kind: 'removal', address: STRANGER, by, ...told, ...named };
    expect(happenings).toContainEqual(expect.objectContaining(removal));
    await events.close();
    expect(log.text).not.toMatch('secret');
    const { body } = await ask(port, '/metrics');
    expect(body).toMatch(new RegExp(`^conference_removals_total ${facts.removed}$`, 'm'));
  });

  test('is not logged for reads, other methods, or ids that are not valid', async () => {
    const { port, log } = await startOperated();
    await ask(port, '/api/rooms/room', { method: 'OPTIONS', headers: bearer(METRICS_TOKEN, STRANGER) });
    for (const id of ['1', '0x1', '%20', 'a', '00000000-0', '00000000-1e0']) {
      const { status } = await ask(port, `/api/members/${id}`, { method: 'DELETE' });
      expect([id, status]).toEqual([id, 400]);
    }
    await ask(port, '/api/rooms/room');
    await askRaw(port, '/api/members/1');
    expect(log.text).not.toMatch('operator');
  });
});

describe('health', () => {
  const whole = {
    status: 'ok',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    degraded: [],
    nodes: [],
  };

  test('tells strangers only whether the host works', async () => {
    const { port, host } = await startHost({ adminToken: ADMIN_TOKEN });
    const seen = async () => (await ask(port, '/healthz', { headers: {} })).json;
    expect(await seen()).toEqual({ status: 'ok' });
    host.events.emit('authority', { name: 'auth backend', problem: 'it answered 500' });
    expect(await seen()).toEqual({ status: 'degraded' });
  });

  test.each([
    ['the admin token', ADMIN_TOKEN],
    ['the metrics token', METRICS_TOKEN],
  ])('tells the rest to who brings %s', async (_, token) => {
    const { port } = await startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });
    expect((await ask(port, '/healthz', { headers: bearer(token) })).json).toEqual(whole);
    expect((await ask(port, '/healthz', { headers: bearer(WRONG) })).status).toBe(401);
  });

  test('shows no more if the host has no token', async () => {
    const { port } = await startHost();
    expect((await ask(port, '/healthz')).json).toEqual({ status: 'ok' });
  });
});
