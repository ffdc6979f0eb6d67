/** What counts as one address for limits: anyone with one IPv6 address has millions. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Stands for all addresses that cannot be read: together they count as one. */
export const UNKNOWN = 'unknown';

/** What an address counts towards: each key may reach `times` the limit. */
export interface Share {
  readonly key: string;
  readonly times: number;
}

/** Prefix of an IPv4 address on an IPv6 socket (RFC 4291, section 2.5.5.2). */
const MAPPED = '::ffff:';
/** NAT64 networks: the last 32 bits are an IPv4 address (RFC 6052, RFC 8215). */
const NAT64 = [ipaddr.IPv6.parseCIDR('64:ff9b::/96'), ipaddr.IPv6.parseCIDR('64:ff9b:1::/48')];
/** Ranges where proxies are, and where many clients may share an address. */
const NEAR_RANGES = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal']);
/** A /48, which is a whole site (RFC 6177, section 2), may have this many times the limit of a /64. */
const SITE_TIMES = 16;

/** The cache is cleared when it has this many addresses. */
const REMEMBERED = 1_024;
/** A cache: each member needs its shares several times, and parsing is expensive. */
const remembered = new Map<string, readonly Share[]>();

/** Empty for loopback and private addresses, which have no limit. */
export function sharesOf(address: string): readonly Share[] {
  const known = remembered.get(address);
  if (known !== undefined) return known;
  const shares = findShares(address);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(address, shares);
  return shares;
}

/** Like `sharesOf`, but a loopback or private address counts as itself. */
export function countedAs(address: string): readonly Share[] {
  const shares = sharesOf(address);
  return shares.length > 0 ? shares : [{ key: address, times: 1 }];
}

/** Whether limits per address apply. */
export function isLimited(address: string): boolean {
  return sharesOf(address).length > 0;
}

/** Addresses with the same key count as one. */
export function limitKey(address: string): string {
  return sharesOf(address)[0]?.key ?? address;
}

/**
 * An address in its shortest form, without zone (`%eth0`) and port; `::ffff:192.0.2.1` becomes IPv4. Undefined if it
 * is not an address.
 */
export function readAddress(text: string): string | undefined {
  const mapped = text.startsWith(MAPPED) ? text.slice(MAPPED.length) : text;
  if (isIPv4(mapped)) return mapped;
  const address = withoutPort(text);
  if (isIPv4(address)) return address;
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return undefined;
  return ipaddr.process(new URL(`http://[${bare}]`).hostname.slice(1, -1)).toString();
}

/** Some proxies write `192.0.2.1:50123`, `[2001:db8::1]:50123` or `[2001:db8::1]`. */
function withoutPort(text: string): string {
  const [, inBrackets, beforePort] = /^(?:\[([^\]]*)\](?::\d*)?|([\d.]+):\d*)$/.exec(text) ?? [];
  return inBrackets ?? beforePort ?? text;
}

/** Whether a key stands for a whole site. */
export function isSite(key: string): boolean {
  return key.endsWith('::/48');
}

function findShares(address: string): readonly Share[] {
  if (!ipaddr.isValid(address)) return [{ key: UNKNOWN, times: 1 }];
  const parsed = ipaddr.parse(address);
  if (NEAR_RANGES.has(parsed.range())) return [];
  if (!(parsed instanceof ipaddr.IPv6)) return [{ key: address, times: 1 }];
  const carried = NAT64.some((network) => parsed.match(network));
  if (carried) return [{ key: parsed.toByteArray().slice(-4).join('.'), times: 1 }];
  return [
    { key: network(parsed, 64), times: 1 },
    { key: network(parsed, 48), times: SITE_TIMES },
  ];
}

function network({ parts }: ipaddr.IPv6, bits: 48 | 64): string {
  const prefix = parts.slice(0, bits / 16).map((part) => part.toString(16));
  return `${prefix.join(':')}::/${bits}`;
}

/** Whether an address is one of the public Internet: neither private nor loopback nor of any other special use. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  const isCarried = parsed instanceof ipaddr.IPv6 && NAT64.some((network) => parsed.match(network));
  if (isCarried) return isPublic(parsed.toByteArray().slice(-4).join('.'));
  return parsed.range() === 'unicast';
}
