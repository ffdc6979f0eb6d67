/** The addresses that `REDIS_URL` names: one, or several with commas between them. Pure. */

export interface RedisAddress {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  readonly url: string;
  /** Host and port, to be shown: there is no password in it. */
  readonly place: string;
  readonly database: number;
}

const DEFAULT_PORT = '6379';

/** A comma may stand in a password: one that separates is followed by the next address's scheme. */
const BETWEEN = /\s*,\s*(?=[a-z][a-z0-9+.-]*:\/\/)/i;

/** @param text as `isRedisAddresses` accepts it */
export function redisAddresses(text: string): RedisAddress[] {
  return text.split(BETWEEN).map((url) => {
    const { hostname, port, pathname } = new URL(url);
    const place = `${hostname.toLowerCase()}:${port === '' ? DEFAULT_PORT : port}`;
    return { url, place, database: Number(pathname.slice(1)) };
  });
}

export function isRedisAddresses(text: string): boolean {
  return text.split(BETWEEN).every(isAddress) && problemOf(redisAddresses(text)) === undefined;
}

/**
 * What is wrong with addresses, where more can be said than what an address is.
 * @returns without any part of what could be a password; undefined where there is nothing to add
 */
export function redisAddressProblem(text: string): string | undefined {
  const urls = text.split(BETWEEN);
  const wrong = urls.findIndex((url) => !isAddress(url));
  if (wrong === -1) return problemOf(redisAddresses(text));
  if (urls.length === 1) return undefined;
  return `address ${wrong + 1} of ${urls.length} is no URL such as redis://host:6379`;
}

function problemOf(addresses: readonly RedisAddress[]): string | undefined {
  const places = addresses.map(({ place }) => place);
  const twice = places.find((place, index) => places.indexOf(place) < index);
  if (twice !== undefined) return `${twice} is named twice`;
  if (new Set(addresses.map(({ url }) => new URL(url).protocol)).size > 1)
    return 'redis:// and rediss:// are mixed: use TLS for all addresses or for none';
  if (new Set(addresses.map(({ database }) => database)).size > 1)
    return 'the addresses name different databases: use one number for all';
  return undefined;
}

function isAddress(text: string): boolean {
  try {
    const { protocol, hostname, port, username, password, pathname } = new URL(text);
    decodeURIComponent(username + password);
    const isHost = hostname !== '' && !hostname.includes(',');
    return /^rediss?:$/.test(protocol) && isHost && port !== '0' && /^(\/\d{0,5})?$/.test(pathname);
  } catch {
    return false;
  }
}
