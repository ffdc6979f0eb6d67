/** A request's client address. */
import type { IncomingMessage } from 'node:http';
import proxyAddress, { compile } from 'proxy-addr';
import { readAddress, UNKNOWN } from '../listening/networks';

/** Whether an address belongs to a trusted proxy. */
export type IsProxy = (address: string) => boolean;

/** @param trusted addresses, CIDR ranges, `loopback` or `private` */
export function proxyCheck(trusted: readonly string[]): IsProxy {
  if (trusted.length === 0) return () => false;
  const trust = compile(trusted.map((item) => (item === 'private' ? 'uniquelocal' : item)));
  return (address) => trust(address, 0);
}

/** Any item in a comma list. */
const NAMES_SOMEBODY = /[^\s,]/;

/**
 * The client address is the socket's own or, behind a trusted proxy, the last address in `X-Forwarded-For` that is
 * not a trusted proxy. From anyone else the header is ignored. Without the header, the client is the proxy itself; if
 * it is empty or unreadable, the client is `UNKNOWN`.
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
