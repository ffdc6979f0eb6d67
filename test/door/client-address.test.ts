import type { IncomingMessage } from 'node:http';
import { clientAddressReader, proxyCheck } from '../../src/door/client-address';

const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    connection: { remoteAddress },
    headers: { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

test.each<[string, string[], string | undefined, string | undefined, string]>([
  ['the socket’s own', [], '203.0.113.1', undefined, '203.0.113.1'],
  ['the socket’s own, whatever a stranger claims', [], '203.0.113.1', '198.51.100.1', '203.0.113.1'],
  [
    'that of a stranger, whom nobody trusts to name another',
    ['loopback'],
    '203.0.113.1',
    '10.0.0.1',
    '203.0.113.1',
  ],
  ['what a trusted proxy says', ['loopback'], '127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['what a trusted proxy says over IPv6', ['loopback'], '::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
  [
    'the last that is no proxy',
    ['private'],
    '10.0.0.1',
    '1.1.1.1, 198.51.100.1, 192.168.0.9',
    '198.51.100.1',
  ],
  ['what a proxy of a range says', ['203.0.113.0/24'], '203.0.113.9', '2001:db8::1', '2001:db8::1'],
  ['the proxy’s own, where it says nothing', ['loopback'], '127.0.0.1', undefined, '127.0.0.1'],
  ['unknown, where a proxy’s header is empty', ['loopback'], '127.0.0.1', '', 'unknown'],
  ['unknown, where a proxy’s header has commas only', ['loopback'], '127.0.0.1', ' , ,', 'unknown'],
  ['unknown, where what a proxy says is no address', ['loopback'], '127.0.0.1', '<script>', 'unknown'],
  ['without its port', ['loopback'], '127.0.0.1', '198.51.100.1:50123', '198.51.100.1'],
  ['without brackets and port', ['loopback'], '127.0.0.1', '[2001:db8::1]:50123', '2001:db8::1'],
  [
    'the last that is no proxy, ports or not',
    ['private'],
    '10.0.0.1',
    '198.51.100.1:1, 10.0.0.2:2',
    '198.51.100.1',
  ],
  [
    'unknown, whatever stands before what cannot be read',
    ['loopback'],
    '127.0.0.1',
    '10.0.0.1, ?',
    'unknown',
  ],
  ['without its zone', [], 'fe80::1%br-lan', undefined, 'fe80::1'],
  [
    'an IPv6 address that is written with dots',
    ['loopback'],
    '127.0.0.1',
    '64:ff9b::1.2.3.4',
    '64:ff9b::102:304',
  ],
  ['the claimed one without its zone', ['loopback'], '127.0.0.1', 'fe80::1%eth0.100', 'fe80::1'],
  ['unknown, where the socket’s own cannot be read', [], 'a pipe', undefined, 'unknown'],
  ['IPv4 as such', [], '::ffff:203.0.113.1', undefined, '203.0.113.1'],
  ['unknown, where the socket is gone', ['loopback'], undefined, '198.51.100.1', 'unknown'],
])('the address of a client is %s', (_, trusted, own, forwarded, expected) => {
  expect(clientAddressReader(proxyCheck(trusted))(request(own, forwarded))).toBe(expected);
});
