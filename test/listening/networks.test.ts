import { isLimited, limitKey, readAddress, sharesOf } from '../../src/listening/networks';
import { Tally } from '../../src/listening/tally';

test.each([
  ['203.0.113.1', '203.0.113.1'],
  ['203.0.113.1:50123', '203.0.113.1'],
  ['::ffff:203.0.113.1', '203.0.113.1'],
  ['[::ffff:203.0.113.1]:443', '203.0.113.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:50123', '2001:db8::1'],
  ['fe80::1%br-lan', 'fe80::1'],
  ['fe80::1%eth0.100', 'fe80::1'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ['', undefined],
  ['unknown', undefined],
  ['_hidden', undefined],
  ['999.1.1.1', undefined],
  ['203.0.113.1:', '203.0.113.1'],
  ['203.0.113.1:80:80', undefined],
  ['1', undefined],
  ['0x7f.1', undefined],
  ['[127.0.0.1', undefined],
  ['<script>', undefined],
])('the address %j is read as %j', (text, expected) => {
  expect(readAddress(text)).toBe(expected);
});

test.each([
  ['127.0.0.1', false],
  ['::1', false],
  ['10.1.2.3', false],
  ['172.16.0.1', false],
  ['192.168.1.1', false],
  ['fd00::1', false],
  ['fe80::1', false],
  ['unknown', true],
  ['203.0.113.1', true],
  ['8.8.8.8', true],
  ['172.32.0.1', true],
  ['2606:4700::1', true],
  ['64:ff9b::a00:1', true],
])('limits by address apply to %s: %s', (address, limited) => {
  expect(isLimited(address)).toBe(limited);
});

test('addresses of one IPv6 network count as one', () => {
  expect(limitKey('2606:4700:1:2::1')).toBe(limitKey('2606:4700:1:2:ffff::9'));
  expect(limitKey('2606:4700:1:2::1')).not.toBe(limitKey('2606:4700:1:3::1'));
  expect(limitKey('8.8.8.8')).not.toBe(limitKey('8.8.4.4'));
});

test('a NAT64 address counts as the IPv4 address that it carries', () => {
  expect(sharesOf('64:ff9b::c633:6401')).toEqual(sharesOf('198.51.100.1'));
  expect(sharesOf('64:ff9b:1::c633:6401')).toEqual(sharesOf('198.51.100.1'));
});

test('the networks of one IPv6 site share sixteen times the limit of one network', () => {
  const tally = new Tally(2);
  const network = (number: number) => `2606:4700:1:${number.toString(16)}::1`;
  for (let number = 0; number < 31; number++) tally.add(network(number));
  expect(tally.isFull(network(31))).toBe(false);
  tally.add(network(31));
  expect(tally.isFull(network(32))).toBe(true);
  expect(tally.isFull('2606:4700:2::1')).toBe(false);
  tally.remove(network(0));
  expect(tally.isFull(network(32))).toBe(false);
});

test('the cached result for an address stays right after thousands of others', () => {
  const near = Array.from({ length: 3_000 }, (_, index) => `10.0.${index >> 8}.${index & 0xff}`);
  const far = near.map((address) => address.replace('10.', '11.'));
  for (let turn = 0; turn < 2; turn++) {
    expect(near.filter(isLimited)).toEqual([]);
    expect(far.filter(isLimited)).toEqual(far);
  }
});

test('the largest count is that of one address or /64, not of a whole site', () => {
  const tally = new Tally(9);
  expect(tally.largest()).toBe(0);
  for (const address of [
    '2001:db8::1',
    '2001:db8::2',
    '2001:db8:0:1::1',
    '192.0.2.1',
    '10.0.0.1',
    '10.0.0.1',
  ]) {
    tally.add(address);
    tally.add(address);
  }
  expect(tally.largest()).toBe(4);
});
