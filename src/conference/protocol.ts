/**
 * The wire: a request target becomes a room and a stream name, a roster becomes JSON. Pure.
 * Everything here is frozen, because clients in the field depend on it; docs/protocol.md says it in full.
 */
import { isUtf8 } from 'node:buffer';
import type { Metadata } from './metadata';

/** The longest room or stream name, in bytes of UTF-8 after decoding. */
export const MAX_NAME_BYTES = 256;

/** The longest reason of a close, in bytes of UTF-8 (RFC 6455, section 5.5). */
export const MAX_REASON_BYTES = 123;

/** What no reason has: it is read in one line of a log or a page, and turns none around. */
export const NOT_IN_A_REASON = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** The subprotocol that the host answers; a page that offers it may offer its token right after it. */
export const SUBPROTOCOL = 'conference';

/** The subprotocol of clients that are told what has changed instead of rosters; docs/protocol.md has its frames. */
export const CHANGES_SUBPROTOCOL = 'conference.2';

/** The two query parameters that a client must send. */
export type NameParameter = 'room' | 'streamName';

/** What a client asks for with its request target. */
export interface JoinRequest {
  readonly room: string;
  /** Empty where it only observes and gives no name. */
  readonly streamName: string;
  /** It hears the room without being listed in it. */
  readonly observe?: true;
}

/** What its credentials give a client besides. */
export interface Grant {
  /** When it is to be closed, in milliseconds since the epoch; without it, it may stay until it leaves. */
  readonly expiresAt?: number | undefined;
  /** Whose they are: a token's `sub`. */
  readonly subject?: string | undefined;
  /** What it tells of itself, whatever it says. */
  readonly metadata?: Metadata | undefined;
}

interface Problem {
  readonly ok: false;
  readonly problem: string;
}

export type ParsedTarget = { readonly ok: true; readonly request: JoinRequest } | Problem;

/**
 * Reads room and stream name out of a request target, as Node hands it over (one character per byte).
 * Never throws: whatever cannot be a name comes back as a problem that says which parameter and why.
 */
export function parseRequestTarget(target: string): ParsedTarget {
  const parameters = queryParameters(target);
  const room = checkName('room', parameters.get('room'));
  if (!room.ok) return room;
  const observes = parameters.get('observe') === '1';
  if (observes && !parameters.has('streamName')) {
    return { ok: true, request: { room: room.name, streamName: '', observe: true } };
  }
  const streamName = checkName('streamName', parameters.get('streamName'));
  if (!streamName.ok) return streamName;
  const request = { room: room.name, streamName: streamName.name };
  return { ok: true, request: observes ? { ...request, observe: true } : request };
}

/** Whether a client offers to speak `conference.2`. @param offered the header `Sec-WebSocket-Protocol` */
export function offersChanges(offered = ''): boolean {
  return offered.split(',').some((name) => name.trim() === CHANGES_SUBPROTOCOL);
}

/**
 * The query of a request target as a map. The first of a repeated parameter wins. A leading `?` of a key is
 * dropped, since the Testbed puts `?room=` behind an address that may carry a query of its own.
 */
export function queryParameters(target: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const query = /^[^?#]*\?([^#]*)/.exec(target)?.[1] ?? '';
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const rawKey = equals < 0 ? pair : pair.slice(0, equals);
    const key = percentDecode(rawKey.startsWith('?') ? rawKey.slice(1) : rawKey);
    if (!parameters.has(key)) parameters.set(key, equals < 0 ? '' : percentDecode(pair.slice(equals + 1)));
  }
  return parameters;
}

/**
 * Percent-decoding as in RFC 3986, section 2.1: `+` stays `+` (form decoding would break the room `a+b`).
 * What is no valid escape, and escapes that are not UTF-8, stay as they were sent. Raw bytes above 0x7F,
 * which some clients send unescaped, are read as UTF-8 where they are.
 */
function percentDecode(text: string): string {
  if (!/[%\u0080-\u00FF]/.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  const raw = isUtf8(bytes) ? bytes.toString('utf8') : text;
  return raw.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeEscapes);
}

/** Decodes a run of escapes one character at a time, so that one bad byte spoils none of its neighbours. */
function decodeEscapes(run: string): string {
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let decoded = '';
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    decoded += length === 0 ? run.slice(at * 3, at * 3 + 3) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return decoded;
}

/** Bytes of the UTF-8 character that starts at `at` (1 to 4, RFC 3629, section 3), or 0 where none does. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

/** Whether a client could have this as the name of a room or a stream. What is half a character has no UTF-8. */
export function isName(text: string): boolean {
  return checkName('room', text).ok && !/\p{Surrogate}/u.test(text);
}

function checkName(
  parameter: NameParameter,
  name: string | undefined,
): { readonly ok: true; readonly name: string } | Problem {
  const problem = (what: string): Problem => ({ ok: false, problem: `${parameter} ${what}` });
  if (name === undefined) return problem('is missing');
  if (name === '') return problem('is empty');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return problem(`is longer than ${MAX_NAME_BYTES} bytes`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001F\u007F]/.test(name)) return problem('contains control characters');
  return { ok: true, name };
}

/** A name as it stands in a roster. Made once, when the name joins, and reused in every roster. */
export function encodeName(name: string): string {
  return JSON.stringify(name);
}

/** The roster's JSON from names that `encodeName` has made: exactly these two keys, in this order. */
export function encodeRoster(room: string, streams: Iterable<{ readonly encoded: string }>): string {
  let list = '';
  for (const { encoded } of streams) list += list === '' ? encoded : `,${encoded}`;
  return `{"room":${room},"streams":[${list}]}`;
}

/** @param message as JSON */
export function encodeMessage(message: string): string {
  return `{"type":"message","message":${message}}`;
}
