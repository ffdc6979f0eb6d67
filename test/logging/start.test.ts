/** The five lines of the start, for every kind of host. */
import { readFileSync } from 'node:fs';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { localAddresses } from '../../src/listening/addresses';
import { startLines } from '../../src/logging/start';
import { settingsOf } from '../helpers/settings';
import { SECRET } from '../helpers/tokens';

const LISTENING = {
  urls: ['ws://localhost:8001', 'ws://172.17.0.1:8001', 'ws://192.168.1.5:8001', 'ws://[fd00::2]:8001'],
  pages: ['http://localhost:8001/', 'http://172.17.0.1:8001/'],
};

function start(env: Record<string, string> = {}, listening: Partial<typeof LISTENING> = {}) {
  const lines = startLines({ ...LISTENING, ...listening }, settingsOf(env), '1.2.3', ['192.168.1.5']);
  const [what, open, phones, access, stop, ...rest] = lines.split('\n');
  expect([what, stop, rest]).toEqual(['conference-host 1.2.3 is running', '  Stop    Ctrl+C', ['']]);
  return { open, phones, access };
}

test('as the host comes: everybody may join, and phones are told the address in the local network', () => {
  expect(start()).toEqual({
    open: '  Open    http://localhost:8001/ to try it and to connect your Testbed',
    phones:
      '  Phones  http://192.168.1.5:8001 as conference_host, or ws://192.168.1.5:8001 in your own client',
    access:
      '  Access  on all interfaces (HOST), without a token (JWT_SECRET), from pages of any site (ALLOWED_ORIGINS)',
  });
});

test('the README shows it', () => {
  const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
  expect(readme).toContain(startLines(LISTENING, settingsOf({}), version, ['192.168.1.5']));
});

test('with TLS, pages and phones are told so', () => {
  const urls = ['wss://localhost:8001', 'wss://192.168.1.5:8001'];
  const { open, phones } = start({}, { urls, pages: ['https://localhost:8001/'] });
  expect(open).toMatch('https://localhost:8001/ ');
  expect(phones).toMatch(
    'https://192.168.1.5:8001 as conference_host, or wss://192.168.1.5:8001 in your own client',
  );
});

test.each<[Record<string, string>, string[], RegExp]>([
  [{ HOST: '127.0.0.1' }, ['ws://127.0.0.1:8001'], /cannot reach it: HOST=127.0.0.1 is this machine only/],
  [{ HOST: '::1' }, ['ws://[::1]:8001'], /cannot reach it: HOST=::1 is this machine only/],
  [{ HOST: '10.0.0.7' }, ['ws://10.0.0.7:8001'], /http:\/\/10.0.0.7:8001 as/],
  [{ HOST: '0.0.0.0' }, ['ws://localhost:8001'], /cannot reach it: this machine has no network/],
])('with %j phones are told what they can reach', (env, urls, phones) => {
  expect(start(env, { urls }).phones).toMatch(phones);
});

test.each<[Record<string, string>, string]>([
  [{ HOST: '127.0.0.1' }, 'only on 127.0.0.1 (HOST), '],
  [{ HOST: '::' }, 'on all interfaces (HOST), '],
  [{ JWT_SECRET: SECRET }, 'with a token (JWT_SECRET)'],
  [{ JWT_JWKS_URL: 'https://keys.example', JWT_AUDIENCE: 'a' }, 'with a token (JWT_JWKS_URL)'],
  [{ AUTH_URL: 'https://hush.example' }, 'if your backend agrees (AUTH_URL)'],
  [{ ALLOWED_ORIGINS: 'https://a.example' }, 'from pages of https://a.example (ALLOWED_ORIGINS)'],
  [
    { ALLOWED_ORIGINS: 'https://a.example,https://b.example,https://c.example,https://d.example,null' },
    'from pages of https://a.example, https://b.example, https://c.example and 2 more (ALLOWED_ORIGINS)',
  ],
])('with %j it says who may join, and shows no secret', (env, expected) => {
  const { access } = start(env);
  expect(access).toContain(expected);
  expect(access).not.toMatch(/hush|keys\.example/);
});

test('containers, tunnels and addresses that nobody gave are no local network', () => {
  const at = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4', internal = false) =>
    ({ address, family, internal }) as NetworkInterfaceInfo;
  const interfaces = {
    lo: [at('127.0.0.1', 'IPv4', true)],
    docker0: [at('172.17.0.1')],
    'br-4711': [at('172.18.0.1')],
    utun3: [at('10.8.0.2')],
    eth1: [at('169.254.7.7')],
    wlan0: [at('192.168.1.5'), at('fe80::1', 'IPv6')],
    eth0: [at('10.0.0.7')],
  };
  expect(localAddresses(interfaces)).toEqual(['192.168.1.5', '10.0.0.7']);
});
