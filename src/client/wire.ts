/** The wire format: where a host is, the URL to join a room, and the frames. */
import type { JoinOptions, Metadata } from './types';

/** Bytes that metadata may have. */
const LONGEST_METADATA = 1_024;

/** What users of the Testbed type: `localhost:8001`, `192.168.1.5:8001`, `[::1]:8001/path`. */
const WITHOUT_SCHEME = /^(\[[\da-f:.]+\]|[\w.-]+):\d+([/?#]|$)/i;

/**
 * The host's address as a WebSocket takes it. Without a scheme it is encrypted if the page is.
 * @throws TypeError if it is none
 */
export function hostAt(address: string): string {
  const { location } = globalThis as { location?: { readonly protocol: string } };
  const scheme = location?.protocol === 'https:' ? 'wss' : 'ws';
  const [url = ''] = (WITHOUT_SCHEME.test(address) ? `${scheme}://${address}` : address)
    .replace(/^http/i, 'ws')
    .split('#');
  if (/^wss?:\/\//i.test(url) && URL.canParse(url)) return url;
  throw new TypeError(`'${address}' is not an address, such as wss://host:8001 or localhost:8001`);
}

/**
 * As the host is told it, in a URL or a frame. It could not take one of any length, nor say why: of what is certainly too
 * long, it gets so much that it says so.
 */
export function encodeMetadata(metadata: Metadata | undefined): string | undefined {
  const json = JSON.stringify(metadata);
  const escaped = encodeURIComponent(json);
  return escaped.length > 3 * LONGEST_METADATA ? `{"":"${escaped.slice(-LONGEST_METADATA)}"}` : json;
}

/**
 * Without URLSearchParams: its form encoding writes a space as `+`, which the host does not decode.
 * @param metadata as JSON
 */
export function targetOf(
  host: string,
  { room, streamName, observe, tellMetadata }: JoinOptions,
  metadata: string | undefined,
): string {
  const parameters = {
    room,
    streamName,
    observe: observe && 1,
    tell: tellMetadata && 'metadata',
    metadata,
  };
  const query = Object.entries(parameters).flatMap(([key, value]) =>
    value ? `${key}=${encodeURIComponent(value)}` : [],
  );
  return `${host}${host.includes('?') ? '&' : '?'}${query.join('&')}`;
}

/** An older host takes the second. The token stands right behind it: a URL ends up in the logs of proxies. */
export function protocolsFor(token: string | undefined): string[] {
  return ['conference.2', 'conference', ...(token ? [token] : [])];
}

/** A frame of the host, as far as it is known. Plain ones have no type and nothing but room and streams. */
export interface Frame {
  readonly type?: string;
  readonly streams?: readonly string[];
  readonly seq?: number;
  readonly since?: number;
  readonly left?: readonly string[];
  readonly joined?: readonly string[];
  readonly metadata?: Readonly<Record<string, Metadata | null>>;
  /** Milliseconds: at least so often a frame comes. */
  readonly beat?: number;
  /** Milliseconds until the token expires. */
  readonly expires?: number;
  /** Milliseconds until one should come back. */
  readonly wait?: number;
  readonly reason?: string;
  readonly message?: unknown;
}

/** Whatever is no frame reads as one that says nothing. */
export function readFrame(data: unknown): Frame {
  try {
    const frame = Object(JSON.parse(String(data)));
    const lists = [frame.streams, frame.left, frame.joined];
    return lists.every((list = []) => list.every((name: unknown) => typeof name === 'string')) ? frame : {};
  } catch {
    return {};
  }
}
