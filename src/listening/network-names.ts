/** Networks as people write them, and which of them an address is in. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { limitKey, readAddress } from './networks';

/** Bits of the widest networks that may be named: more would be a mistake. */
const WIDEST = { ipv4: 8, ipv6: 16 } as const;
/** Whoever has one IPv6 address has all of its /64. */
const OWN_BITS = { ipv4: 32, ipv6: 64 } as const;

/** `192.0.2.7/32`, `192.0.2.0/24`, `2001:db8::/64`: the same for all ways to write it; undefined where it is none. */
export function readNetwork(text: string): string | undefined {
  const [before = '', bits, ...more] = text.split('/');
  const address = carried(readAddress(before) ?? '');
  const kind = kindOf(address);
  if (kind === undefined || more.length > 0) return undefined;
  const length = bits === undefined ? OWN_BITS[kind] : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (length < WIDEST[kind] || length > (kind === 'ipv4' ? 32 : 128)) return undefined;
  return networkOf(address, length);
}

/** The network of so many bits that an address is in; undefined where it has fewer, or is none. */
export function networkAround(address: string, kind: 'ipv4' | 'ipv6', bits: number): string | undefined {
  const own = carried(address);
  return kindOf(own) === kind ? networkOf(own, bits) : undefined;
}

/** What `readNetwork` has read, in parts. */
export function partsOf(network: string): { readonly kind: 'ipv4' | 'ipv6'; readonly bits: number } {
  const [address = '', bits] = network.split('/');
  return { kind: isIPv4(address) ? 'ipv4' : 'ipv6', bits: Number(bits) };
}

/** An IPv4 address that a translator has put into an IPv6 one counts as itself. */
function carried(address: string): string {
  const key = limitKey(address);
  return isIPv4(key) ? key : address;
}

function kindOf(address: string): 'ipv4' | 'ipv6' | undefined {
  if (isIPv4(address)) return 'ipv4';
  return isIPv6(address) ? 'ipv6' : undefined;
}

function networkOf(address: string, bits: number): string {
  const bytes = ipaddr.parse(address).toByteArray();
  const masked = bytes.map(
    (byte, index) => byte & (0xff << Math.min(8, Math.max(0, 8 * (index + 1) - bits))),
  );
  return `${ipaddr.fromByteArray(masked.map((byte) => byte & 0xff)).toString()}/${bits}`;
}
