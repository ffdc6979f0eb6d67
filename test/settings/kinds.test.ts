/** What each kind of setting takes, at its bounds, from a command line and from an embedding program. */
import { readCommandLine } from '../../src/settings/command-line';
import { resolveOptions } from '../../src/settings/resolve';
import { variableOf } from '../../src/settings/table';
import { complaint, settingsOf } from '../helpers/settings';

const TOKEN = '7Tq9Lm3XzWk5Rv8N';
/** Of 32 bytes. */
const SECRET = 'hush-7Tq9Lm3Xz-hush-Wk5Rv8Np2-hu';

describe('a command line', () => {
  test.each<[string, string, unknown]>([
    ['PORT', '0', 0],
    ['PORT', '65535', 65_535],
    ['PORT', '0000008001', 8_001],
    ['MAX_ROOM_SIZE', '1', 1],
    ['MAX_ROOM_SIZE', '1000000', 1_000_000],
    ['PING_INTERVAL', '0.01', 0.01],
    ['PING_INTERVAL', '3600', 3_600],
    ['PONG_TIMEOUT', '12.75', 12.75],
    ['DRAIN_TIMEOUT', '0', 0],
    ['LOG_LEVEL', 'silent', 'silent'],
    ['ADMIN_TOKEN', TOKEN, TOKEN],
    ['ADMIN_TOKEN', `${TOKEN}-._~+/==`, `${TOKEN}-._~+/==`],
    ['JWT_SECRET', SECRET, SECRET],
    ['REDIS_URL', 'redis://redis', 'redis://redis'],
    ['REDIS_URL', 'rediss://redis/12345', 'rediss://redis/12345'],
    ['REDIS_PREFIX', 'x'.repeat(64), 'x'.repeat(64)],
    ['REDIS_PREFIX', 'a.B-c:1_', 'a.B-c:1_'],
    ['AUTH_URL', 'https://backend/red5', 'https://backend/red5'],
    ['TRUST_PROXY', 'loopback, 10.0.0.0/8 ,private', ['loopback', '10.0.0.0/8', 'private']],
    ['ALLOWED_ORIGINS', 'x-app+1.0://host', ['x-app+1.0://host']],
  ])('takes %s=%s', (variable, text, value) => {
    expect(Object.values(settingsOf({ [variable]: text }))).toContainEqual(value);
  });

  test.each<[string, string, string]>([
    ['PORT', '65536', 'a whole number from 0 to 65535'],
    ['PORT', '1e3', 'a whole number from 0 to 65535'],
    ['PORT', ' 80', 'a whole number from 0 to 65535'],
    ['PORT', '80 ', 'a whole number from 0 to 65535'],
    ['PORT', '00000008001', 'a whole number from 0 to 65535'],
    ['MAX_ROOM_SIZE', '0', 'a whole number from 1 to 1000000'],
    ['MAX_CONNECTIONS', '1000001', 'a whole number from 1 to 1000000'],
    ['PING_INTERVAL', '0.009', 'a number of seconds from 0.01 to 3600'],
    ['PING_INTERVAL', '3600.1', 'a number of seconds from 0.01 to 3600'],
    ['PING_INTERVAL', 'x1', 'a number of seconds from 0.01 to 3600'],
    ['PING_INTERVAL', '1x', 'a number of seconds from 0.01 to 3600'],
    ['PING_INTERVAL', '1.', 'a number of seconds from 0.01 to 3600'],
    ['PING_INTERVAL', '.5', 'a number of seconds from 0.01 to 3600'],
    ['PING_INTERVAL', '1.x', 'a number of seconds from 0.01 to 3600'],
    ['LOG_LEVEL', 'INFO', 'one of fatal, error, warn, info, debug, trace, silent'],
    ['SSL', 'TRUE', 'true or false'],
    ['REDIS_PREFIX', 'x'.repeat(65), '1 to 64 of the characters A-Z a-z 0-9 _ . : -'],
    ['REDIS_PREFIX', 'a b', '1 to 64 of the characters A-Z a-z 0-9 _ . : -'],
    ['TRUST_PROXY', '10.0.0.0/99', 'a comma list of addresses, CIDR ranges, loopback or private'],
    ['TRUST_PROXY', 'loopback,somewhere', 'a comma list of addresses, CIDR ranges, loopback or private'],
    [
      'ALLOWED_ORIGINS',
      '1app://host',
      'origins between commas, such as https://a.example, https://*.b.example, http://localhost:5000, null or *',
    ],
    ['JWT_REQUIRE', 'stream', 'a comma list of room and streamName'],
  ])('does not take %s=%j', (variable, text, takes) => {
    expect(complaint({ [variable]: text })).toBe(`${variable}=${text} is not valid: it takes ${takes}`);
  });

  test.each([TOKEN, `${TOKEN}-._~`])('takes %s as the secret of a webhook', (secret) => {
    const env = { STREAM_MANAGER_URL: 'https://sm.example', RED5_WEBHOOK_SECRET: secret };
    expect(settingsOf(env).red5WebhookSecret).toBe(secret);
  });

  const TAKES_PATH =
    'a secret of at least 16 letters, digits and -._~ that is hard to guess (openssl rand -hex 16 makes one)';
  const TAKES_TOKEN =
    'a token of at least 16 letters, digits and -._~+/ that is hard to guess (openssl rand -hex 16 makes one)';
  const TAKES_REDIS =
    'a URL such as redis://user:password@host:6379/0, or rediss:// for TLS, or several with commas between';
  const TAKES_URL = 'an http:// or https:// URL without user, password, query and fragment';

  test.each<[string, string, string]>([
    ['ADMIN_TOKEN', TOKEN.slice(1), TAKES_TOKEN],
    ['ADMIN_TOKEN', `${TOKEN} x`, TAKES_TOKEN],
    ['ADMIN_TOKEN', `x ${TOKEN}`, TAKES_TOKEN],
    ['ADMIN_TOKEN', `${TOKEN}=x`, TAKES_TOKEN],
    ['RED5_WEBHOOK_SECRET', TOKEN.slice(1), TAKES_PATH],
    ['RED5_WEBHOOK_SECRET', `${TOKEN}/`, TAKES_PATH],
    ['RED5_WEBHOOK_SECRET', `/${TOKEN}`, TAKES_PATH],
    ['RED5_WEBHOOK_SECRET', 'passwordpassword', TAKES_PATH],
    ['REDIS_URL', 'xredis://redis', TAKES_REDIS],
    ['REDIS_URL', 'redisx://redis', TAKES_REDIS],
    ['REDIS_URL', 'redis://redis/123456', TAKES_REDIS],
    ['REDIS_URL', 'redis://redis/x', TAKES_REDIS],
    ['REDIS_URL', 'redis://redis/1/x', TAKES_REDIS],
    ['REDIS_URL', 'redis:///0', TAKES_REDIS],
    ['REDIS_URL', 'redis://%zz@redis', TAKES_REDIS],
    ['REDIS_URL', 'redis', TAKES_REDIS],
    ['AUTH_URL', 'xhttp://backend', TAKES_URL],
    ['AUTH_URL', 'httpx://backend', TAKES_URL],
    ['AUTH_URL', 'httpss://backend', TAKES_URL],
    ['AUTH_URL', 'http://backend/#top', TAKES_URL],
    ['AUTH_URL', 'http://backend/a b', TAKES_URL],
    ['AUTH_URL', 'http://user@backend/', TAKES_URL],
    ['AUTH_URL', 'http://:password@backend/', TAKES_URL],
    ['AUTH_URL', 'http://backend/?', TAKES_URL],
    ['AUTH_URL', 'http://', TAKES_URL],
  ])('does not take %s=%j, and does not show it', (variable, text, takes) => {
    expect(complaint({ [variable]: text })).toBe(
      `${variable}=(${text.length} bytes) is not valid: it takes ${takes}`,
    );
  });

  test('is told all that is wrong with it, a line each', () => {
    expect(
      complaint({ PORT: 'x', LOG_LEVEL: 'loud', TLS_KEY: 'a.pem' }, ['--ssl', 'yes']).split('\n'),
    ).toEqual([
      'PORT=x is not valid: it takes a whole number from 0 to 65535',
      'LOG_LEVEL=loud is not valid: it takes one of fatal, error, warn, info, debug, trace, silent',
      '--ssl yes is not valid: it takes true or false',
      'TLS_KEY is set without TLS_CERT',
    ]);
  });

  test.each<[string[], string]>([
    [['--colour', 'blue'], "unknown option '--colour'"],
    [['--colour=blue'], "unknown option '--colour'"],
    [['--colour=blue\ngreen'], "unknown option '--colour'"],
    [['-xblue'], "unknown option '-x…'"],
    [['-x'], "unknown option '-x'"],
    [['--port'], "option '--port <number>' argument missing"],
  ])('complains of %j', (argv, message) => {
    expect(complaint({}, argv)).toBe(message);
  });

  test.each(['--version', '-V'])('%s prints the version', (flag) => {
    expect(readCommandLine([flag], { PORT: 'not looked at' }, '1.2.3')).toEqual({
      kind: 'print',
      text: '1.2.3\n',
    });
  });

  test.each(['--help', '-h'])('%s prints every flag with the kind of its value', (flag) => {
    const printed = readCommandLine([flag], {}, '1.2.3');
    const text = printed.kind === 'print' ? printed.text : '';
    expect(text.split('\n').slice(0, 5).join('\n')).toBe(
      'Usage: conference-host [options]\n\n' +
        'Tells the participants of a Red5 Pro conference which streams are live in their\nroom.\n',
    );
    expect(text.match(/^ {2}-.*?(?= {2})/gm)?.map((option) => option.trim())).toEqual([
      ...['-V, --version', '--port <number>', '--host <address>', '--log-level <name>'],
      ...['--admin-token <token>', '--metrics-token <token>', '--grafana-url <url>'],
      ...['--trust-proxy <proxies>'],
      ...['--max-connections <number>', '--max-connections-per-ip <number>'],
      ...['--max-handshakes-per-ip <number>', '--max-room-size <number>'],
      ...['--ping-interval <seconds>', '--pong-timeout <seconds>', '--drain-timeout <seconds>'],
      ...['--tls-cert <file>', '--tls-key <file>', '--tls <self-signed>', '--state-dir <directory>'],
      ...['--caroot <directory>', '--ssl <true|false>', '--allowed-origins <origins>'],
      ...['--jwt-secret <secret>', '--jwt-secret-previous <secret>', '--jwt-jwks-url <url>'],
      ...['--jwt-issuer <issuer>', '--jwt-audience <audience>', '--jwt-require <claims>'],
      ...['--jwt-expired <name>', '--auth-url <url>', '--join-url <url>', '--join-secret <token>'],
      ...['--red5-url <url>', '--red5-access-token <token>'],
      ...['--stream-manager-url <url>', '--stream-manager-node-group <group>'],
      ...['--stream-manager-user <user>', '--stream-manager-password <password>'],
      ...[
        '--red5-app <app>',
        '--red5-webhook-secret <secret>',
        '--roster <name>',
        '--webhook-url <url>',
        '--webhook-signing-secret <secret>',
        '--webhook-signing-secret-previous <secret>',
        '--webhook-allow-private <true|false>',
      ],
      ...['--redis-url <url>', '--redis-prefix <text>', '--handover-grace <seconds>'],
      '-h, --help',
    ]);
    expect(text).toMatch(/print the version\n/);
    expect(text).toMatch(/print this help\n/);
    expect(text).toMatch(/\(env: PORT, default: 8001\)/);
    expect(text).toMatch(/^ {2}kick {5}removes a member, or all members of a room$/m);
    expect(text.slice(text.indexOf('\nA secret'))).toBe(`
A secret can come from a file: append _FILE to its variable, or -file to its flag, and give
the path (ADMIN_TOKEN_FILE=/run/secrets/admin-token). Secrets are:
ADMIN_TOKEN, METRICS_TOKEN, JWT_SECRET, JWT_SECRET_PREVIOUS, JWT_JWKS_URL, AUTH_URL, JOIN_URL, JOIN_SECRET, RED5_ACCESS_TOKEN, STREAM_MANAGER_PASSWORD, RED5_WEBHOOK_SECRET, WEBHOOK_URL, WEBHOOK_SIGNING_SECRET, WEBHOOK_SIGNING_SECRET_PREVIOUS, REDIS_URL
`);
  });
});

describe('an embedding program', () => {
  test.each<[string, unknown]>([
    ['port', '8001'],
    ['port', 80.5],
    ['port', -1],
    ['port', 65_536],
    ['port', Number.NaN],
    ['host', 1],
    ['logLevel', 1],
    ['adminToken', 1],
    ['adminToken', [TOKEN]],
    ['trustProxy', 'loopback'],
    ['trustProxy', [1]],
    ['trustProxy', ['loopback', 'somewhere']],
    ['pingInterval', '15'],
    ['pingInterval', 0],
    ['pingInterval', 3_601],
    ['ssl', 'true'],
    ['allowedOrigins', 'https://a.example'],
    ['allowedOrigins', [null]],
    ['red5WebhookSecret', [`${TOKEN}${TOKEN}`]],
    ['jwtSecret', 1],
    ['jwtSecret', [`${TOKEN}${TOKEN}`]],
    ['authUrl', 1],
    ['authUrl', new URL('https://backend')],
    ['redisUrl', new URL('redis://redis')],
    ['redisPrefix', 1],
  ])('cannot set %s to %j', (name, value) => {
    const mistake = () => resolveOptions({ [name]: value });
    expect(mistake).toThrow(new RegExp(`^${name}: .* is not valid: it takes `));
  });

  test('hears of all options that do not exist', () => {
    const mistake = () => resolveOptions({ prot: 1, port: 80, toString: 2 });
    expect(mistake).toThrow('prot, toString: there is no such option');
    expect(mistake).toThrow(expect.objectContaining({ name: 'SettingsError' }));
  });

  test('gets settings that nobody can change, and keeps its own list', () => {
    const mine = ['loopback'];
    const settings = resolveOptions({ trustProxy: mine });
    mine.push('private');
    expect(settings.trustProxy).toEqual(['loopback']);
    expect([Object.isFrozen(settings), Object.isFrozen(settings.trustProxy)]).toEqual([true, true]);
  });
});

test('a setting is named by its variable, and what is no setting by itself', () => {
  expect([variableOf('maxRoomSize'), variableOf('nothing')]).toEqual(['MAX_ROOM_SIZE', 'nothing']);
});
