/** The wire format: the URL to join a room, and its roster. */

export interface Target {
  readonly room: string;
  readonly streamName: string;
  readonly token: string | undefined;
}

/** Without URLSearchParams: its form encoding writes a space as `+`, which the host does not decode. */
export function targetOf(address: string, parameters: Target): string {
  const [base = ''] = address.split('#');
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
  );
  return `${base}${base.includes('?') ? '&' : '?'}${pairs.join('&')}`.replace(/^http/, 'ws');
}

/** The streams in a frame, or undefined if it is not a roster. */
export function readRoster(data: unknown): readonly string[] | undefined {
  try {
    const { streams } = JSON.parse(String(data));
    return Array.isArray(streams) ? streams : undefined;
  } catch {
    return undefined;
  }
}
