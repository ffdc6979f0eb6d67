import type { EventEmitter } from 'node:events';
import { type HostOptions, SettingsError } from '../../../src/index';
import { startBackend } from '../../helpers/backend';
import { TestClient } from '../../helpers/client';
import { joinTarget, startHost } from '../../helpers/host';
import { TestLog } from '../../helpers/log';
import { HostProcess } from '../../helpers/process';
import {
  hmac,
  hsToken,
  ISSUER,
  inSeconds,
  keyToken,
  makeKey,
  makeToken,
  publicJwk,
  SECRET,
} from '../../helpers/tokens';
import { startWebServer, unusedUrl } from '../../helpers/web-server';

const key = makeKey('ES256', 'key');
const claims = { exp: inSeconds(3_600), note: 'hush-claim' };

/** Good and bad ones, each with something in it that must never be seen. */
const TOKENS = [
  hsToken(claims),
  hsToken({ ...claims, room: 'hush-room' }),
  hsToken({ ...claims, exp: inSeconds(-60) }),
  hsToken({ ...claims, exp: 'hush-exp' }),
  hsToken(claims, 'hush-another-secret'),
  hsToken(claims, SECRET, { crit: ['hush-crit'], 'hush-crit': 1 }),
  makeToken({ alg: 'HS256' }, 'hush-payload that is no JSON', hmac(SECRET)),
  makeToken('hush-header', claims, hmac(SECRET)),
  makeToken({ alg: 'hush-alg' }, claims, hmac(SECRET)),
  makeToken({ alg: 'HS256', kid: 'hush-kid' }, claims, hmac('x')),
  keyToken(key, claims),
  keyToken(key, { ...claims, streamName: 'hush-name' }),
  keyToken({ ...key, kid: 'hush-kid' }, claims),
  'hush-token',
  'hush.token.hush',
];

/** Whatever of the tokens could be recognised, and the words that are planted everywhere else. */
const SECRETS = [
  /hush/i,
  new RegExp(SECRET),
  ...TOKENS.flatMap((token) => token.split('.'))
    .filter((part) => part.length > 8)
    .map((part) => new RegExp(part.slice(0, 40).replaceAll('-', '\\-'))),
];

function expectNoSecret(text: string): void {
  for (const secret of SECRETS) expect(text).not.toMatch(secret);
}

/** Every way in which a client may carry a token, and a target with more in it that is nobody's business. */
async function tryEverything(open: (target: string, protocols?: string[], options?: object) => TestClient) {
  const target = joinTarget('room', 'anna');
  const clients = TOKENS.flatMap((token) => [
    open(`/hush-path${target.slice(1)}&token=${token}&username=hush-user&password=hush-password`),
    open(`/?token=${token}&hush-key=hush-value&${target.slice(1)}`),
    open(target, ['conference', token]),
    open(target, [], { headers: { Authorization: `Bearer ${token}` } }),
  ]);
  clients.push(
    open(`${target.replace('anna', '')}&token=hush-token`),
    open(`${target}&token=hush-token`, [], { origin: 'https://foreign.example' }),
    open(`${target}&token=hush-${'x'.repeat(9_000)}`),
    open(target, [], { headers: { 'Sec-WebSocket-Protocol': 'conference, hush token, , hush' } }),
    open(target, [], { headers: { Authorization: 'Basic aHVzaDpodXNo hush' } }),
  );
  return Promise.all(clients.map(whatItHears));
}

/** The answer to the upgrade, or else the end of the socket: those who get in leave again. */
async function whatItHears(client: TestClient): Promise<string> {
  const answered = client.refusedWith();
  answered.then(
    () => client.ws.terminate(),
    () => {},
  );
  client.next().then(
    () => client.ws.close(1000),
    () => {},
  );
  const refused = client.closed.then(() => undefined);
  const heard = [await Promise.race([answered.catch(() => refused), refused]), await client.closed];
  return JSON.stringify([...heard, client.ws.protocol]);
}

describe('no secret reaches log, events, close reasons, answers or errors of a host', () => {
  const cases: [string, () => Promise<HostOptions>][] = [
    ['that asks for no credentials', async () => ({})],
    ['with a shared secret', async () => ({ jwtSecret: SECRET })],
    [
      'whose secret is being replaced',
      async () => ({ jwtSecret: `hush-${SECRET}`, jwtSecretPrevious: SECRET, jwtExpired: 'close' }),
    ],
    [
      'with a key server',
      async () => {
        const keys = JSON.stringify({ keys: [publicJwk(key)] });
        const { url } = await startWebServer((_request, response) => response.end(keys));
        return { jwtJwksUrl: `${url}/hush-path?hush-query`, jwtIssuer: ISSUER };
      },
    ],
    [
      'whose key server is away',
      async () => ({ jwtJwksUrl: `${await unusedUrl()}/hush-path?hush`, jwtIssuer: ISSUER }),
    ],
    [
      'whose key server talks nonsense',
      async () => {
        const { url } = await startWebServer((_request, response) => response.end('hush'));
        return { jwtJwksUrl: url, jwtIssuer: ISSUER };
      },
    ],
    [
      'whose backend says yes and no by turns, and repeats what it was asked',
      async () => {
        let turn = 0;
        const backend = await startBackend(({ body, response }) => {
          turn++;
          const answers = [{ result: true, ...body }, { result: false, ...body }, body];
          response.end(`${JSON.stringify(answers[turn % 4] ?? 'hush')}`);
        });
        return { authUrl: `${backend.url}/hush-path` };
      },
    ],
    ['whose backend is away', async () => ({ authUrl: `${await unusedUrl()}/hush-path` })],
  ];

  test.each(cases)('%s', async (_what, options) => {
    const log = new TestLog();
    const allowedOrigins = ['https://a.example'];
    const { open, host } = await startHost({ ...(await options()), allowedOrigins, logger: log.logger });
    const told: unknown[] = [];
    const emitter: EventEmitter = host.events;
    for (const event of ['refused', 'authorised', 'authority'])
      emitter.on(event, (facts) => told.push(facts));
    const heard = await tryEverything(open);
    await host.close();
    expect(log.text).toMatch('"refused"');
    expect(told.length).toBeGreaterThan(0);
    expectNoSecret(log.text);
    expectNoSecret(JSON.stringify(told));
    expectNoSecret(heard.join('\n'));
  });

  test('that is a process of its own, from its start to its end', async () => {
    const host = await HostProcess.listening({ JWT_SECRET: SECRET, LOG_LEVEL: 'trace' });
    await tryEverything(
      (target, protocols, options) =>
        new TestClient(`ws://127.0.0.1:${host.port}${target}`, protocols, options),
    );
    host.kill('SIGTERM');
    const { code, stderr } = await host.exit;
    expect(code).toBe(0);
    expect(host.stdout).toMatch(/the token (has expired|was rejected|is malformed)/);
    expectNoSecret(host.stdout + stderr);
  });

  test.each<[string, HostOptions]>([
    ['a short secret', { jwtSecret: 'hush' }],
    ['a URL with a password', { authUrl: 'http://user:hush@backend.example/' }],
  ])('that is refused its settings: %s', async (_what, options) => {
    const failure = await startHost(options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SettingsError);
    expectNoSecret(String((failure as Error).stack));
  });
});

test('of why a token was rejected, the log tells the operator more than the client hears', async () => {
  const log = new TestLog();
  const { open } = await startHost({ jwtSecret: SECRET, jwtAudience: 'conference', logger: log.logger });
  const client = open(`${joinTarget('room', 'anna')}&token=${hsToken({ aud: 'web' })}`);
  expect(await client.closed).toEqual({ code: 4401, reason: 'the token was rejected' });
  expect(await log.line('authorised')).toMatchObject({
    level: 20,
    method: 'token',
    outcome: 'refused',
    problem: 'the claim aud: check_failed',
  });
});
