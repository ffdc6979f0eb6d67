/** How a request has come here: through a proxy, over which connection, for which host. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** Proxies add one of these. */
const FORWARDED = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/** `localhost` and what is below it, and the loopback addresses, as URLs write them. */
const LOOPBACK = /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export function isForwarded({ headers }: IncomingMessage): boolean {
  return FORWARDED.some((name) => headers[name] !== undefined);
}

/** The host that was asked for, as URLs write it; undefined if that is not valid. */
export function askedHost({ headers }: IncomingMessage): string | undefined {
  const url = `http://${headers.host}`;
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** Whether the browser knows that nobody on the way has changed the page: W3C Secure Contexts. A proxy may speak TLS. */
export function mayBeSecure(request: IncomingMessage): boolean {
  const isEncrypted = (request.socket as TLSSocket).encrypted === true;
  return isEncrypted || isForwarded(request) || LOOPBACK.test(askedHost(request) ?? '');
}
