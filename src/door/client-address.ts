/** Where a request comes from. */
import type { IncomingMessage } from 'node:http';
import proxyAddress, { compile } from 'proxy-addr';
import { readAddress, UNKNOWN } from '../listening/networks';

/** Whether an address is a proxy's that is believed. */
export type IsProxy = (address: string) => boolean;

/** @param trusted addresses, CIDR ranges, `loopback` or `private` */
export function proxyCheck(trusted: readonly string[]): IsProxy {
  if (trusted.length === 0) return () => false;
  const trust = compile(trusted.map((item) => (item === 'private' ? 'uniquelocal' : item)));
  return (address) => trust(address, 0);
}

/** In a list between commas. */
const NAMES_SOMEBODY = /[^\s,]/;

/**
 * Makes what reads a request's client address: the socket's own or, where that is a trusted proxy, the last
 * address in `X-Forwarded-For` that is none. What anybody else writes into that header changes nothing. A proxy
 * that does not send it speaks for itself; one that writes into it what cannot be read, or nothing, speaks for an
 * unknown stranger.
 */
export function clientAddressReader(isProxy: IsProxy): (request: IncomingMessage) => string {
  const trust = (text: string) => isProxy(readAddress(text) ?? '');
  return (request) => {
    const own = readAddress(request.socket.remoteAddress ?? '') ?? UNKNOWN;
    if (!isProxy(own)) return own;
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded !== undefined && !NAMES_SOMEBODY.test(forwarded.toString())) return UNKNOWN;
    return readAddress(proxyAddress(request, trust)) ?? UNKNOWN;
  };
}
