import { doors } from '../../src/settings/doors';
import type { Door } from '../../src/settings/table';
import { ADMIN_TOKEN } from '../helpers/http';
import { settingsOf } from '../helpers/settings';
import { SECRET } from '../helpers/tokens';

const KEYS = 'https://keys.example/jwks.json?tenant=hush';

describe('the state of each door', () => {
  test('as the host comes', () => {
    expect(doors(settingsOf({}))).toEqual({
      network: 'open: on all interfaces; set HOST',
      addresses: 'X-Forwarded-For is ignored: behind a proxy set TRUST_PROXY',
      wire: 'open: set TLS_CERT and TLS_KEY, or let a proxy speak TLS',
      pages: 'open: set ALLOWED_ORIGINS',
      joining: 'open: set JWT_SECRET, JWT_JWKS_URL or AUTH_URL',
      dashboard: 'off: no ADMIN_TOKEN or METRICS_TOKEN',
      metrics: 'off: no ADMIN_TOKEN or METRICS_TOKEN',
      media: 'off: no RED5_URL or STREAM_MANAGER_URL',
    });
  });

  test.each<[Door, Record<string, string>, string]>([
    ['network', { HOST: '127.0.0.1' }, 'closed by HOST: only 127.0.0.1'],
    ['network', { HOST: '::1' }, 'closed by HOST: only ::1'],
    ['network', { HOST: '0.0.0.0' }, 'open: on all interfaces; set HOST'],
    ['network', { HOST: '10.0.0.0' }, 'closed by HOST: only 10.0.0.0'],
    ['network', { HOST: '::%eth0' }, 'open: on all interfaces; set HOST'],
    ['network', { HOST: '::' }, 'open: on all interfaces; set HOST'],
    [
      'addresses',
      { TRUST_PROXY: 'loopback,10.0.0.0/8' },
      'X-Forwarded-For is trusted from loopback, 10.0.0.0/8, by TRUST_PROXY',
    ],
    ['wire', { TLS_CERT: 'a.pem', TLS_KEY: 'b.pem' }, 'closed by TLS_CERT, TLS_KEY'],
    ['wire', { TLS: 'self-signed' }, 'closed by TLS, for development only'],
    ['wire', { SSL: 'true' }, 'closed by TLS_CERT, TLS_KEY, SSL'],
    ['wire', { SSL: 'false' }, 'open: set TLS_CERT and TLS_KEY, or let a proxy speak TLS'],
    ['pages', { ALLOWED_ORIGINS: 'https://a.example' }, 'closed by ALLOWED_ORIGINS'],
    ['pages', { ALLOWED_ORIGINS: '*' }, 'open: set ALLOWED_ORIGINS'],
    ['pages', { ALLOWED_ORIGINS: 'https://a.example,*' }, 'open: set ALLOWED_ORIGINS'],
    [
      'pages',
      { ALLOWED_ORIGINS: 'https://a.example,NULL' },
      'closed by ALLOWED_ORIGINS, except for null, which a frame in any page can have',
    ],
    ['joining', { JWT_SECRET: SECRET }, 'closed by JWT_SECRET'],
    ['joining', { JWT_JWKS_URL: KEYS, JWT_AUDIENCE: 'hush' }, 'closed by JWT_JWKS_URL, JWT_AUDIENCE'],
    ['joining', { AUTH_URL: 'https://hush.example' }, 'closed by AUTH_URL'],
    ['dashboard', { ADMIN_TOKEN }, 'closed by ADMIN_TOKEN'],
    ['metrics', { ADMIN_TOKEN }, 'closed by ADMIN_TOKEN'],
    ['dashboard', { METRICS_TOKEN: ADMIN_TOKEN }, 'closed by METRICS_TOKEN, read-only'],
    ['metrics', { METRICS_TOKEN: ADMIN_TOKEN }, 'closed by METRICS_TOKEN'],
    ['joining', { JWT_SECRET: SECRET, HOST: '::1', TRUST_PROXY: 'loopback' }, 'closed by JWT_SECRET'],
    [
      'media',
      { RED5_URL: 'http://red5:5080', RED5_ACCESS_TOKEN: 'hush' },
      'asked at RED5_URL, no webhooks; ROSTER=sockets',
    ],
    [
      'media',
      { STREAM_MANAGER_URL: 'https://sm.example', RED5_WEBHOOK_SECRET: SECRET, ROSTER: 'both' },
      'asked at STREAM_MANAGER_URL, webhooks by RED5_WEBHOOK_SECRET; ROSTER=both',
    ],
  ])('%s with %j', (door, env, expected) => {
    const all = doors(settingsOf(env));
    expect(all[door]).toBe(expected);
    for (const secret of ['hush', SECRET, ADMIN_TOKEN]) expect(JSON.stringify(all)).not.toMatch(secret);
  });
});
