import type { IncomingMessage } from 'node:http';
import { clientAddressReader, isLimited, limitKey } from '../../src/door/client-address';

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
  ['the proxy’s own, where what it says is no address', ['loopback'], '127.0.0.1', '<script>', '127.0.0.1'],
  ['without its zone', [], 'fe80::1%br-lan', undefined, 'fe80::1'],
  [
    'the proxy’s own, where no program reads what it says',
    ['loopback'],
    '127.0.0.1',
    '64:ff9b::1.2.3.4',
    '127.0.0.1',
  ],
  ['the claimed one without its zone', ['loopback'], '127.0.0.1', 'fe80::1%eth0.100', 'fe80::1'],
  ['unknown, where the socket’s own cannot be read', [], '64:ff9b::1.2.3.4', undefined, 'unknown'],
  ['IPv4 as such', [], '::ffff:203.0.113.1', undefined, '203.0.113.1'],
  ['unknown, where the socket is gone', ['loopback'], undefined, '198.51.100.1', 'unknown'],
])('the address of a client is %s', (_, trusted, own, forwarded, expected) => {
  expect(clientAddressReader(trusted)(request(own, forwarded))).toBe(expected);
});

test.each([
  ['127.0.0.1', false],
  ['::1', false],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['192.168.1.1', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['unknown', false],
  ['203.0.113.1', true],
  ['8.8.8.8', true],
  ['172.32.0.1', true],
  ['2606:4700::1', true],
])('limits by address apply to %s: %s', (address, limited) => {
  expect(isLimited(address)).toBe(limited);
});

test('addresses of one IPv6 network count as one', () => {
  expect(limitKey('2606:4700:1:2::1')).toBe(limitKey('2606:4700:1:2:ffff::9'));
  expect(limitKey('2606:4700:1:2::1')).not.toBe(limitKey('2606:4700:1:3::1'));
  expect(limitKey('8.8.8.8')).not.toBe(limitKey('8.8.4.4'));
});

test('what is known of an address stays true after thousands of others', () => {
  const near = Array.from({ length: 3_000 }, (_, index) => `10.0.${index >> 8}.${index & 0xff}`);
  const far = near.map((address) => address.replace('10.', '11.'));
  for (let turn = 0; turn < 2; turn++) {
    expect(near.filter(isLimited)).toEqual([]);
    expect(far.filter(isLimited)).toEqual(far);
  }
});
