/** Is the request a valid WebSocket 13 handshake (RFC 6455, section 4.2.1)? */

import type { IncomingMessage } from 'node:http';
import { type HttpRefusal, refusals, withReason } from './refusals';
import type { Check } from './upgrade';

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

const bad = (reason: string) => withReason(refusals.badHandshake, reason);

export const checkHandshake: Check = (request) => {
  const { method, headers, httpVersion } = request;
  if (method !== 'GET') return bad('a WebSocket handshake is a GET request');
  if (httpVersion !== '1.1') return bad('a WebSocket handshake speaks HTTP/1.1');
  const badHost = checkHost(request);
  if (badHost !== undefined) return badHost;
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refusals.upgradeRequired;
  if (headers['sec-websocket-version'] !== '13') return refusals.upgradeRequired;
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return bad('Sec-WebSocket-Key is missing or invalid');
  return undefined;
};

/** The refusal of a plain request to a room. The headers of a handshake stay when a proxy drops `Upgrade`. */
export function upgradeRequired({ headers }: IncomingMessage): HttpRefusal {
  if (headers['sec-websocket-version'] === undefined) return refusals.upgradeRequired;
  return withReason(
    refusals.upgradeRequired,
    'the handshake came without its Upgrade header: a proxy on the way drops it',
  );
}

/** Exactly one Host (RFC 9112, section 3.2): of several, Node keeps the first, but a proxy may keep the last. */
export function checkHost({ rawHeaders, httpVersion }: IncomingMessage): HttpRefusal | undefined {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') hosts++;
  }
  if (hosts > 1) return bad('the Host header is there more than once');
  return hosts === 0 && httpVersion === '1.1' ? bad('the Host header is missing') : undefined;
}
