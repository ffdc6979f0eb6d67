/**
 * Refusals in words, each with what to do. A test holds it against the host's table: whatever the host may say, the
 * page has words for it.
 */

/** By the reason of a close, where the code alone does not tell. */
const BY_REASON: Readonly<Record<string, string>> = {
  'the room is full': 'Wait until somebody leaves, take another room, or raise MAX_ROOM_SIZE.',
  'the host is full': 'Wait until somebody leaves, or raise MAX_CONNECTIONS.',
  'too many connections from this address':
    'Close other tabs, or raise MAX_CONNECTIONS_PER_IP. Behind a proxy, set TRUST_PROXY.',
  'credentials cannot be checked now': 'The server that checks them is unreachable; the host’s log says why.',
  'too many clients wait for their credentials to be checked': 'Wait a moment.',
  'username, password and token are missing': 'Fill in the user name and the password, then join again.',
  'the credentials were rejected': 'Correct the user name and the password, then join again.',
  'removed by an operator': 'You may join again.',
  'banned by an operator': 'The operator can lift the ban; else it ends by itself.',
  'the room has a list of names, and this name is not on it': 'Use a stream name that is on the list.',
  'the application does not let you in': 'The application at JOIN_URL says who may join.',
  'the application cannot be asked now':
    'The application at JOIN_URL is unreachable; the host’s log says why.',
  'too many clients wait for the application': 'Wait a moment.',
  'the token may only watch, and a member is listed as a stream': 'Use a token that may publish.',
};

const BY_CODE: Readonly<Record<number, string>> = {
  1001: 'You need not do anything: the page reconnects.',
  1002: 'Something on the way changes what is sent: try without the proxy.',
  1007: 'Something on the way changes what is sent: try without the proxy.',
  1008: 'Wait a moment, then join again.',
  1009: 'Something on the way changes what is sent: try without the proxy.',
  4400: 'Correct the room or the stream name, then join again.',
  4401: 'Put a valid token into the field “Token”, then join again.',
  4403: 'Use a token for this room and this stream name.',
  4423: 'Wait until the operator opens the room, or use another one.',
  4410: 'Put a fresh token into the field “Token”.',
  4429: 'Wait, or raise the limit.',
};

/** By the name of an HTTP refusal, which a page cannot read and asks the host for. */
const BY_NAME: Readonly<Record<string, string>> = {
  bad_handshake:
    'The host got a handshake that is not valid: something on the way changes it. Try without the proxy.',
  foreign_origin: 'The host does not let this page in: add its origin to ALLOWED_ORIGINS.',
  upgrade_required:
    'A proxy on the way drops the header Upgrade. Let it pass on Upgrade and Connection; nginx needs proxy_http_version 1.1, too.',
  too_fast: 'Too many attempts from this address: wait a second. Behind a proxy, set TRUST_PROXY.',
  too_many_requests: 'Too many requests from this address: wait a second. Behind a proxy, set TRUST_PROXY.',
  draining: 'The host is stopping. The page reconnects when it is back.',
  no_descriptor: 'The host has no room for another connection: raise its limit of open files (ulimit -n).',
};

/** What to do after a close that the page can read; undefined if there is nothing to say. */
export function adviceFor(code: number, reason: string): string | undefined {
  return BY_REASON[reason] ?? BY_CODE[code];
}

/** What a refusal that the page cannot read means, and what to do. */
export function meaningOf(refusal: string): string | undefined {
  return BY_NAME[refusal];
}

/** A reason of the host as a sentence. */
export function sentence(text: string): string {
  return text === '' ? '' : `${text[0]?.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
