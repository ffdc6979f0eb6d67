/** Addresses of the page. The host may stand behind a prefix, so all are relative to where this script came from. */

/** `…/`, below which the host serves pages and API. */
const ROOT = new URL('..', import.meta.url);

/** The address of something that the host serves. */
export function addressOf(path: string): string {
  return new URL(path, ROOT).href;
}

export const OVERVIEW = addressOf('dashboard');

/** Browsers drop these segments, even if escaped; and some proxies decode the escapes of these characters. */
const NOT_IN_A_PATH = /^\.{1,2}$|[/\\]/;

/** The address of a room's own view. */
export function roomAddress(room: string): string {
  const name = encodeURIComponent(room);
  return addressOf(NOT_IN_A_PATH.test(room) ? `dashboard/rooms?room=${name}` : `dashboard/rooms/${name}`);
}

/** The room that an address is of; undefined if it is the overview's. */
export function roomOf({ pathname, search }: Pick<URL, 'pathname' | 'search'>): string | undefined {
  const [, inPath] = /\/dashboard\/rooms\/([^/]+)$/.exec(pathname) ?? [];
  if (inPath !== undefined) return decoded(inPath);
  const [, inQuery] = /^\?room=([^&]+)/.exec(search) ?? [];
  return inQuery !== undefined && pathname.endsWith('/dashboard/rooms') ? decoded(inQuery) : undefined;
}

/** As it stands if an escape is malformed. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
