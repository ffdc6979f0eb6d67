/** Is the request a WebSocket 13 handshake as RFC 6455, section 4.2.1 asks for it? */

import { refusals, withReason } from './refusals';
import type { Check } from './upgrade';

/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

const bad = (reason: string) => withReason(refusals.badHandshake, reason);

export const checkHandshake: Check = ({ method, headers, httpVersion }) => {
  if (method !== 'GET') return bad('a WebSocket handshake is a GET request');
  if (httpVersion !== '1.1') return bad('a WebSocket handshake speaks HTTP/1.1');
  if (headers.host === undefined) return bad('the Host header is missing');
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refusals.upgradeRequired;
  if (headers['sec-websocket-version'] !== '13') return refusals.upgradeRequired;
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return bad('Sec-WebSocket-Key is missing or invalid');
  return undefined;
};
