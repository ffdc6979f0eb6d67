import { compatibilityNotes, resolveOptions } from '../../src/settings/resolve';
import { complaint, settingsOf } from '../helpers/settings';

const TOKEN = '7Tq9Lm3XzWk5Rv8N';
const SECRET = 'hush-7Tq9Lm3Xz-hush-Wk5Rv8Np2-hush';
const URL_OF_KEYS = 'https://keys.example/jwks.json?tenant=a';
const RED5 = 'http://red5:5080';
const BACKEND = 'http://backend:3000/red5';

describe('settings that exclude or need each other', () => {
  test.each<[Record<string, string>, string]>([
    [
      { JWT_SECRET: SECRET, AUTH_URL: BACKEND },
      'JWT_SECRET and AUTH_URL exclude each other: set one of them',
    ],
    [
      { JWT_JWKS_URL: URL_OF_KEYS, JWT_ISSUER: 'x', AUTH_URL: BACKEND },
      'JWT_JWKS_URL and AUTH_URL exclude each other: set one of them',
    ],
    [
      { JWT_SECRET: SECRET, JWT_JWKS_URL: URL_OF_KEYS, JWT_ISSUER: 'x' },
      'JWT_SECRET and JWT_JWKS_URL exclude each other: set one of them',
    ],
    [
      { JWT_SECRET: SECRET, JWT_JWKS_URL: URL_OF_KEYS, JWT_AUDIENCE: 'x', AUTH_URL: BACKEND },
      'JWT_SECRET and JWT_JWKS_URL and AUTH_URL exclude each other: set one of them',
    ],
    [
      { RED5_URL: RED5, RED5_ACCESS_TOKEN: 'x', STREAM_MANAGER_URL: RED5 },
      'RED5_URL and STREAM_MANAGER_URL exclude each other: set one of them',
    ],
    [
      { TLS: 'self-signed', TLS_CERT: 'a.pem', TLS_KEY: 'b.pem' },
      'TLS and TLS_CERT exclude each other: set one of them',
    ],
    [{ TLS: 'self-signed', SSL: 'true' }, 'TLS and SSL exclude each other: set one of them'],
    [
      { TLS: 'on' },
      'TLS=on is not valid: it takes self-signed, for development; for a certificate that you have, set TLS_CERT and TLS_KEY',
    ],
    [{ RED5_URL: RED5 }, 'RED5_URL is set without RED5_ACCESS_TOKEN: its API answers nobody without one'],
    [{ RED5_ACCESS_TOKEN: 'x' }, 'RED5_ACCESS_TOKEN is set without RED5_URL'],
    [
      { ROSTER: 'live' },
      'ROSTER is set without RED5_URL or STREAM_MANAGER_URL: nobody can be asked which streams are live',
    ],
    [
      { ROSTER: 'both' },
      'ROSTER is set without RED5_URL or STREAM_MANAGER_URL: nobody can be asked which streams are live',
    ],
    [
      { RED5_WEBHOOK_SECRET: SECRET },
      'RED5_WEBHOOK_SECRET is set without RED5_URL or STREAM_MANAGER_URL: a webhook is only a hint, and ' +
        'somebody must be asked what is true',
    ],
    [{ RED5_APP: 'meet' }, 'RED5_APP is set without RED5_URL or STREAM_MANAGER_URL'],
    [{ STREAM_MANAGER_NODE_GROUP: 'eu' }, 'STREAM_MANAGER_NODE_GROUP is set without STREAM_MANAGER_URL'],
    [
      { STREAM_MANAGER_URL: RED5, STREAM_MANAGER_USER: 'x' },
      'STREAM_MANAGER_USER is set without STREAM_MANAGER_PASSWORD',
    ],
    [
      { STREAM_MANAGER_URL: RED5, STREAM_MANAGER_PASSWORD: 'x' },
      'STREAM_MANAGER_PASSWORD is set without STREAM_MANAGER_USER',
    ],
    [{ TLS_CERT: 'a.pem' }, 'TLS_CERT is set without TLS_KEY'],
    [{ TLS_KEY: 'a.pem' }, 'TLS_KEY is set without TLS_CERT'],
    [{ TLS_KEY: 'a.pem', SSL: 'true' }, 'TLS_KEY is set without TLS_CERT'],
    [{ TLS_CERT: 'a.pem', SSL: 'true' }, 'TLS_CERT is set without TLS_KEY'],
    [
      { ADMIN_TOKEN: TOKEN, METRICS_TOKEN: TOKEN },
      'ADMIN_TOKEN and METRICS_TOKEN are the same: each has its own use',
    ],
    [
      { JWT_SECRET: SECRET, JWT_SECRET_PREVIOUS: SECRET },
      'JWT_SECRET and JWT_SECRET_PREVIOUS are the same: each has its own use',
    ],
    [{ JWT_ISSUER: 'x' }, 'JWT_ISSUER is set without JWT_SECRET or JWT_JWKS_URL'],
    [{ JWT_AUDIENCE: 'x', AUTH_URL: BACKEND }, 'JWT_AUDIENCE is set without JWT_SECRET or JWT_JWKS_URL'],
    [{ JWT_SECRET_PREVIOUS: SECRET }, 'JWT_SECRET_PREVIOUS is set without JWT_SECRET'],
    [
      { JWT_SECRET_PREVIOUS: SECRET, JWT_JWKS_URL: URL_OF_KEYS, JWT_ISSUER: 'x' },
      'JWT_SECRET_PREVIOUS is set without JWT_SECRET',
    ],
    [{ JWT_REQUIRE: 'room', AUTH_URL: BACKEND }, 'JWT_REQUIRE is set without JWT_SECRET or JWT_JWKS_URL'],
    [{ JWT_EXPIRED: 'close' }, 'JWT_EXPIRED is set without JWT_SECRET or JWT_JWKS_URL'],
    [
      { JWT_JWKS_URL: URL_OF_KEYS },
      'JWT_JWKS_URL is set without JWT_AUDIENCE or JWT_ISSUER: it would admit every token of that identity ' +
        'provider; set the aud or the iss that your tokens have',
    ],
  ])('%j', (env, message) => {
    expect(complaint(env)).toBe(message);
  });

  test('are named as options for an embedding program', () => {
    expect(() => resolveOptions({ jwtSecret: SECRET, authUrl: BACKEND })).toThrow(
      'jwtSecret and authUrl exclude each other: set one of them',
    );
    expect(() => resolveOptions({ tlsCert: 'a.pem' })).toThrow('tlsCert is set without tlsKey');
  });

  test.each<[Record<string, string>, object]>([
    [
      { JWT_JWKS_URL: URL_OF_KEYS, JWT_AUDIENCE: 'x' },
      { jwtAudience: 'x', jwtExpired: 'stay' },
    ],
    [{ JWT_JWKS_URL: URL_OF_KEYS, JWT_ISSUER: 'x', JWT_EXPIRED: 'close' }, { jwtExpired: 'close' }],
    [
      { JWT_SECRET: SECRET, JWT_SECRET_PREVIOUS: `${SECRET}-before` },
      { jwtSecretPrevious: `${SECRET}-before` },
    ],
    [{ JWT_SECRET: SECRET, JWT_REQUIRE: 'room, streamName' }, { jwtRequire: ['room', 'streamName'] }],
    [{ JWT_EXPIRED: 'stay' }, { jwtExpired: 'stay' }],
  ])('but those that go together are taken: %j', (env, settings) => {
    expect(settingsOf(env)).toMatchObject(settings);
  });
});

describe('SSL=true', () => {
  const files = { tlsCert: './cert/certificate.crt', tlsKey: './cert/privateKey.key' };
  const own = { tlsCert: 'a.pem', tlsKey: 'b.pem' };

  test.each<[string, Record<string, string>, string[], object]>([
    ['its files and port 443', { SSL: 'true' }, [], { ...files, port: 443 }],
    ['its files and the port of the variable', { SSL: 'true', PORT: '8443' }, [], { ...files, port: 8443 }],
    ['its files and the port of the flag', { SSL: 'true' }, ['--port', '8001'], { ...files, port: 8001 }],
    [
      'the files that are given',
      { SSL: 'true', TLS_CERT: 'a.pem', TLS_KEY: 'b.pem' },
      [],
      { ...own, port: 443 },
    ],
    ['as a flag, the same', {}, ['--ssl', 'true'], { ...files, port: 443 }],
  ])('stands for %s', (_what, env, argv, expected) => {
    expect(settingsOf(env, argv)).toMatchObject(expected);
  });

  test('says what to write instead, and stays the same when it is resolved again', () => {
    const settings = settingsOf({ SSL: 'true' });
    expect(compatibilityNotes(settings)).toEqual([
      'instead of SSL=true write TLS_CERT=./cert/certificate.crt TLS_KEY=./cert/privateKey.key PORT=443',
    ]);
    expect(resolveOptions({ ...settings })).toEqual(settings);
  });

  test.each<Record<string, string>>([{}, { SSL: 'false' }, { TLS_CERT: 'a.pem', TLS_KEY: 'b.pem' }])(
    'is not meant by %j',
    (env) => {
      const settings = settingsOf(env);
      expect(settings.port).toBe(8001);
      expect(compatibilityNotes(settings)).toEqual([]);
    },
  );
});

describe('values that are not valid', () => {
  test.each<[Record<string, string>, RegExp]>([
    [{ SSL: 'yes' }, /^SSL=yes is not valid: it takes true or false$/],
    [{ ALLOWED_ORIGINS: 'a.example' }, /^ALLOWED_ORIGINS=a.example is not valid: it takes origins/],
    [{ ALLOWED_ORIGINS: 'https://a.example/path' }, /is not valid/],
    [{ ALLOWED_ORIGINS: 'https://a.example/' }, /is not valid/],
    [{ ALLOWED_ORIGINS: 'https://a.example,,' }, /is not valid/],
    [{ ALLOWED_ORIGINS: 'https://a.*.example' }, /is not valid/],
    [{ ALLOWED_ORIGINS: 'https://a.example:99999' }, /is not valid/],
    [{ ALLOWED_ORIGINS: 'https://user@a.example' }, /is not valid/],
    ...[
      'https://*.',
      'https://*.:443',
      'https://*..',
      'https://*..a',
      'https://*.a..b',
      'https://*.%2e',
      'https://*.\u3002a',
      'https://*.\u00ad',
      'app://*.',
    ].map((origin): [Record<string, string>, RegExp] => [{ ALLOWED_ORIGINS: origin }, /it takes origins/]),
    [{ AUTH_URL: 'backend:3000' }, /^AUTH_URL=\(12 bytes\) is not valid: it takes an http/],
    [{ AUTH_URL: 'ftp://backend' }, /it takes an http/],
    [{ AUTH_URL: 'http://backend/?key=hush-hush' }, /without user, password, query and fragment$/],
    [{ JWT_JWKS_URL: 'https://user:hush-hush@keys.example/' }, /without user, password and fragment$/],
    [
      { JWT_SECRET: 'hush-hush' },
      /^JWT_SECRET=\(9 bytes\) is not valid: it takes a secret of at least 32 bytes that is hard to guess/,
    ],
    [{ JWT_SECRET: 'hush-7Tq9Lm3Xz-hush-Wk5Rv8Np2-h' }, /^JWT_SECRET=\(31 bytes\)/],
    [
      { JWT_SECRET: SECRET, JWT_SECRET_PREVIOUS: 'hush-hush' },
      /^JWT_SECRET_PREVIOUS=\(9 bytes\) is not valid: it takes a secret of at least 32 bytes that is hard to guess/,
    ],
    [{ JWT_REQUIRE: 'room,name' }, /^JWT_REQUIRE=room,name is not valid: it takes a comma list of room and/],
    [{ JWT_EXPIRED: 'leave' }, /^JWT_EXPIRED=leave is not valid: it takes one of stay, close$/],
  ])('are refused: %j', (env, message) => {
    const said = complaint(env);
    expect(said).toMatch(message);
    expect(said).not.toMatch('hush-hush');
  });

  test.each<[string[]]>([
    [['--jwt-secret', 'hush-hush']],
    [['--jwt-secret=hush-hush']],
    [['--jwt-secert=hush-hush']],
    [["--jwt-secert=hush-hush'hush"]],
    [['--auth-url=http://user:hush-hush@backend/']],
  ])('are not shown where they are secret: %j', (argv) => {
    expect(complaint({}, argv)).not.toMatch('hush');
  });

  test('nor to an embedding program', () => {
    expect(() => resolveOptions({ jwtSecret: 'hush-hush' })).toThrow(/^jwtSecret: \(9 bytes\) is not valid/);
  });
});

test('a secret may use any script: its bytes count', () => {
  const secret = 'пингвин-ест-сыр-утром';
  expect(settingsOf({ JWT_SECRET: secret }).jwtSecret).toBe(secret);
});

test('origins are a comma list', () => {
  const origins = [
    'https://a.example',
    'https://*.b.example',
    'https://*.c.example.:8443',
    'app://*.local',
    'NULL',
    'HTTP://localhost:5000',
  ];
  expect(settingsOf({ ALLOWED_ORIGINS: origins.join(' , ') }).allowedOrigins).toEqual(origins);
});
