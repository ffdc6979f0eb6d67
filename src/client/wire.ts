/** What goes over the wire: the address that a room is joined at, and its roster. */

export interface Target {
  readonly room: string;
  readonly streamName: string;
  readonly token: string | undefined;
}

/** The host decodes `%20` and leaves `+` alone, so form encoding, which URLSearchParams does, would be wrong. */
export function targetOf(address: string, parameters: Target): string {
  const [base = ''] = address.split('#');
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}=${encodeURIComponent(value)}`,
  );
  return `${base}${base.includes('?') ? '&' : '?'}${pairs.join('&')}`.replace(/^http/, 'ws');
}

/** The streams that a frame lists, or undefined where it is no roster. */
export function readRoster(data: unknown): readonly string[] | undefined {
  try {
    const { streams } = JSON.parse(String(data));
    return Array.isArray(streams) ? streams : undefined;
  } catch {
    return undefined;
  }
}
