/** What of an address counts for limits: whoever has one IPv6 address has millions. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The address of a client that none of us can read: all of them count as one stranger. */
export const UNKNOWN = 'unknown';

/** What an address counts as: under each key, no more than the limit multiplied by `times`. */
export interface Share {
  readonly key: string;
  readonly times: number;
}

/** How a socket that listens on IPv6 shows an IPv4 address (RFC 4291, section 2.5.5.2). */
const MAPPED = '::ffff:';
/** Networks of translators, in whose addresses the last 32 bits are an IPv4 address (RFC 6052, RFC 8215). */
const NAT64 = [ipaddr.IPv6.parseCIDR('64:ff9b::/96'), ipaddr.IPv6.parseCIDR('64:ff9b:1::/48')];
/** Ranges in which proxies live, and in which many clients may share an address. */
const NEAR_RANGES = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal']);
/** How many /64 networks of one /48 may be at their limit: a site has a /48 (RFC 6177, section 2). */
const SITE_TIMES = 16;

/** How many addresses are remembered; before one more, all are forgotten. */
const REMEMBERED = 1_024;
/** What was found out about addresses: each is asked about several times a member, and parsing takes its time. */
const remembered = new Map<string, readonly Share[]>();

/** What an address counts as; nothing where it is a loopback or private one, to which no limit applies. */
export function sharesOf(address: string): readonly Share[] {
  const known = remembered.get(address);
  if (known !== undefined) return known;
  const shares = findShares(address);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(address, shares);
  return shares;
}

/** The same where a loopback or private address counts as well: as itself. */
export function countedAs(address: string): readonly Share[] {
  const shares = sharesOf(address);
  return shares.length > 0 ? shares : [{ key: address, times: 1 }];
}

/** Whether limits by address apply. */
export function isLimited(address: string): boolean {
  return sharesOf(address).length > 0;
}

/** What counts as one address. */
export function limitKey(address: string): string {
  return sharesOf(address)[0]?.key ?? address;
}

/**
 * An address as it is written shortest, without zone (`%eth0`) and port, and IPv4 as such, though a socket that
 * listens on IPv6 shows it as `::ffff:192.0.2.1`. Undefined where it is none.
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

/** `192.0.2.1:50123`, `[2001:db8::1]:50123` and `[2001:db8::1]`, as some proxies write addresses. */
function withoutPort(text: string): string {
  const [, inBrackets, beforePort] = /^(?:\[([^\]]*)\](?::\d*)?|([\d.]+):\d*)$/.exec(text) ?? [];
  return inBrackets ?? beforePort ?? text;
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
