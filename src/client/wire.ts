/** The wire format: where a host is, the URL to join a room, and its roster. */

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
    .replace(/^http/, 'ws')
    .split('#');
  if (/^wss?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new TypeError(`'${address}' is not an address, such as wss://host:8001 or localhost:8001`);
}

/** Without URLSearchParams: its form encoding writes a space as `+`, which the host does not decode. */
export function targetOf(host: string, room: string, streamName: string): string {
  const query = `room=${encodeURIComponent(room)}&streamName=${encodeURIComponent(streamName)}`;
  return `${host}${host.includes('?') ? '&' : '?'}${query}`;
}

/** The host takes the token offered right behind its own subprotocol. A URL ends up in the logs of proxies. */
export function protocolsFor(token: string | undefined): string[] {
  return token ? ['conference', token] : [];
}

/** The streams in a frame, or undefined if it is not a roster. */
export function readRoster(data: unknown): readonly string[] | undefined {
  try {
    const { streams } = JSON.parse(String(data));
    return Array.isArray(streams) && streams.every((name) => typeof name === 'string') ? streams : undefined;
  } catch {
    return undefined;
  }
}
