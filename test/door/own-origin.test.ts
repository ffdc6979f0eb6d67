import { hostname } from 'node:os';
import { proxyCheck } from '../../src/door/client-address';
import { ownOrigin } from '../../src/door/own-origin';
import { joinTarget, startHost } from '../helpers/host';

const PROXY = '10.0.0.1';
const MAPPED_PROXY = '::ffff:10.0.0.1';
const MACHINE = hostname().toLowerCase();

interface Asked {
  readonly host?: string;
  /** Whether the connection to the host is encrypted. */
  readonly encrypted?: true;
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function isOwn(origin: string, { host, encrypted, from = '192.0.2.1', headers }: Asked): boolean {
  const request = {
    headers: { ...(host !== undefined && { host }), ...headers },
    socket: { remoteAddress: from, encrypted },
  };
  return ownOrigin(proxyCheck([PROXY]))(request as never, origin);
}

const throughProxy = (headers: Record<string, string>): Asked => ({
  host: '10.0.0.2:8001',
  from: MAPPED_PROXY,
  headers: { 'x-forwarded-proto': 'https', ...headers },
});

describe('a page is one of the host’s own', () => {
  test.each<[string, string, Asked]>([
    ['at an address', 'http://192.168.1.5:8001', { host: '192.168.1.5:8001' }],
    ['at an IPv6 address', 'http://[2001:db8::5]:8001', { host: '[2001:db8::5]:8001' }],
    ['on this machine', 'http://localhost:8001', { host: 'localhost:8001' }],
    ['at the default port', 'http://127.0.0.1', { host: '127.0.0.1:80' }],
    ['at the name of this machine', `http://${MACHINE}:8001`, { host: `${MACHINE}:8001` }],
    ['at its name in the local network', `http://${MACHINE}.local`, { host: `${MACHINE}.local` }],
    ['over TLS, at any name', 'https://host.example:8001', { host: 'Host.Example:8001', encrypted: true }],
    ['over TLS, at the default port', 'https://host.example', { host: 'host.example:443', encrypted: true }],
    ['behind a proxy with TLS', 'https://host.example', throughProxy({ host: 'host.example' })],
    [
      'behind a proxy that says which host',
      'https://host.example',
      throughProxy({ 'x-forwarded-host': 'host.example' }),
    ],
    [
      'behind two proxies',
      'https://host.example',
      throughProxy({ 'x-forwarded-proto': 'https, http', 'x-forwarded-host': 'host.example, inner' }),
    ],
  ])('%s', (_, origin, asked) => {
    expect(isOwn(origin, asked)).toBe(true);
  });

  test.each<[string, string, Asked]>([
    ['from elsewhere', 'http://evil.example', { host: '192.168.1.5:8001' }],
    ['at another port', 'http://192.168.1.5:5000', { host: '192.168.1.5:8001' }],
    ['with another scheme', 'https://192.168.1.5:8001', { host: '192.168.1.5:8001' }],
    [
      'over plain http at a name that anybody may point here',
      'http://evil.example',
      { host: 'evil.example' },
    ],
    [
      'behind a proxy without TLS',
      'http://evil.example',
      throughProxy({ 'x-forwarded-proto': 'http', host: 'evil.example' }),
    ],
    [
      'behind a proxy that is not trusted',
      'https://evil.example',
      { ...throughProxy({ host: 'evil.example' }), from: '10.0.0.9' },
    ],
    ['without a Host', 'http://192.168.1.5:8001', {}],
    ['without an origin of its own', 'null', { host: 'null' }],
    ['with a Host that is none', 'http://a b', { host: 'a b' }],
  ])('but not %s', (_, origin, asked) => {
    expect(isOwn(origin, asked)).toBe(false);
  });
});

test('a host that allows one origin lets in its own pages as well, and no others', async () => {
  const { open, port } = await startHost({ allowedOrigins: ['https://a.example'] });
  const client = open(joinTarget('room', 'anna'), [], { origin: `http://127.0.0.1:${port}` });
  expect(await client.nextStreams()).toEqual(['anna']);
  const foreign = open(joinTarget('room', 'eve'), [], { origin: `http://127.0.0.2:${port}` });
  expect(await foreign.refusedWith()).toMatchObject({ status: 403 });
});
