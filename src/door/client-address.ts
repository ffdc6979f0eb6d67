/** Where a request comes from, and what of an address counts for limits. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import proxyAddress, { compile } from 'proxy-addr';

/** The address of a socket that was reset before it could be asked. */
const UNKNOWN = 'unknown';

/**
 * Makes what reads a request's client address: the socket's own or, where that is a trusted proxy, the last
 * address in `X-Forwarded-For` that is none. What anybody else writes into that header changes nothing.
 * @param trusted addresses, CIDR ranges, `loopback` or `private`
 */
export function clientAddressReader(trusted: readonly string[]): (request: IncomingMessage) => string {
  const trust = compile(trusted.map((item) => (item === 'private' ? 'uniquelocal' : item)));
  return (request) => {
    const own = request.socket.remoteAddress;
    if (own === undefined) return UNKNOWN;
    const claimed = proxyAddress(request, trust);
    return plain(isIP(claimed) === 0 ? own : claimed);
  };
}

/** Ranges in which proxies live, and in which many clients may share an address. */
const NEAR_RANGES = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal']);

/** Whether per-address limits apply: not to loopback and private addresses. */
export function isLimited(address: string): boolean {
  return ipaddr.isValid(address) && !NEAR_RANGES.has(ipaddr.parse(address).range());
}

/** An IPv4 address as such, though a socket that listens on IPv6 shows it as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return ipaddr.process(address).toString();
}

/**
 * What counts as one address: with IPv6, whoever has one has all of its /64 network (RFC 6177, section 2).
 */
export function limitKey(address: string): string {
  const parsed = ipaddr.parse(address);
  if (!(parsed instanceof ipaddr.IPv6)) return address;
  return parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':');
}
