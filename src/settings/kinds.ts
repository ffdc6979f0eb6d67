/** The kinds of values that settings take: how each is parsed and checked. */
import { isRedisAddresses, redisAddressProblem } from '../redis-addresses';
import { isGuessable } from './guessable';

export interface Kind<T> {
  /** The value's name in `--help`. */
  readonly placeholder: string;
  /** What is valid, for error messages. */
  readonly takes: string;
  /** What is wrong with a value, where more can be said than what is valid. Shows nothing confidential. */
  problem?(value: unknown): string | undefined;
  /** The value of a flag or a variable; undefined if it is not valid. */
  parse(text: string): T | undefined;
  /** Whether an embedding program's value is valid. */
  accepts(value: unknown): value is T;
}

export function wholeNumber(least: number, most: number): Kind<number> {
  const accepts = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
  return {
    placeholder: 'number',
    takes: `a whole number from ${least} to ${most}`,
    parse: (text) => (/^\d{1,10}$/.test(text) && accepts(Number(text)) ? Number(text) : undefined),
    accepts,
  };
}

export function oneOf<const T extends string>(choices: readonly T[]): Kind<T> {
  const find = (value: unknown) => choices.find((choice) => choice === value);
  return {
    placeholder: 'name',
    takes: `one of ${choices.join(', ')}`,
    parse: find,
    accepts: (value): value is T => find(value) !== undefined,
  };
}

/**
 * A token for `Authorization: Bearer` (RFC 6750, section 2.1), of at least `least` characters and hard to guess.
 */
export function bearerToken(least: number): Kind<string> {
  const accepts = (value: unknown): value is string =>
    typeof value === 'string' && value.length >= least && /^[\w.~+/-]+=*$/.test(value) && !isGuessable(value);
  return {
    placeholder: 'token',
    takes: `a token of at least ${least} letters, digits and -._~+/ that is hard to guess (openssl rand -hex 16 makes one)`,
    parse: (text) => (accepts(text) ? text : undefined),
    accepts,
  };
}

/** A secret that stands in the path of a URL: characters that need no escape there (RFC 3986, section 2.3). */
export function pathSecret(least: number): Kind<string> {
  const accepts = (value: unknown): value is string =>
    typeof value === 'string' && value.length >= least && /^[\w.~-]+$/.test(value) && !isGuessable(value);
  return {
    placeholder: 'secret',
    takes: `a secret of at least ${least} letters, digits and -._~ that is hard to guess (openssl rand -hex 16 makes one)`,
    parse: (text) => (accepts(text) ? text : undefined),
    accepts,
  };
}

/** Addresses of Redis: each a host, and optionally user, password, port and database. */
export function redisUrl(): Kind<string> {
  const accepts = (value: unknown): value is string => typeof value === 'string' && isRedisAddresses(value);
  return {
    placeholder: 'url',
    takes:
      'a URL such as redis://user:password@host:6379/0, or rediss:// for TLS, or several with commas between',
    problem: (value) => (typeof value === 'string' ? redisAddressProblem(value) : undefined),
    parse: (text) => (accepts(text) ? text : undefined),
    accepts,
  };
}

/** What to say of a value that is not valid. */
export function complaintOf({ problem, takes }: Kind<unknown>, value: unknown): string {
  return `is not valid: ${problem?.(value) ?? `it takes ${takes}`}`;
}

/** Text that matches a pattern. */
export function textOf(pattern: RegExp, takes: string, placeholder: string): Kind<string> {
  const accepts = (value: unknown): value is string => typeof value === 'string' && pattern.test(value);
  return { placeholder, takes, parse: (text) => (accepts(text) ? text : undefined), accepts };
}

/** Any text that is not empty. */
export function text(takes: string, placeholder: string): Kind<string> {
  const accepts = (value: unknown): value is string => typeof value === 'string' && value !== '';
  return { placeholder, takes, parse: (text) => (accepts(text) ? text : undefined), accepts };
}

/** A duration in seconds; decimals are allowed. */
export function seconds(least: number, most: number): Kind<number> {
  const accepts = (value: unknown): value is number =>
    typeof value === 'number' && value >= least && value <= most;
  return {
    placeholder: 'seconds',
    takes: `a number of seconds from ${least} to ${most}`,
    parse: (text) => (/^\d+(\.\d+)?$/.test(text) && accepts(Number(text)) ? Number(text) : undefined),
    accepts,
  };
}

/** A comma list whose items all pass a check. Embedding programs pass an array. */
export function list(
  takes: string,
  placeholder: string,
  isItem: (item: string) => boolean,
): Kind<readonly string[]> {
  const accepts = (value: unknown): value is readonly string[] =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && isItem(item));
  return {
    placeholder,
    takes,
    parse: (text) => {
      const items = text.split(',').map((item) => item.trim());
      return accepts(items) ? items : undefined;
    },
    accepts,
  };
}

export const trueOrFalse: Kind<boolean> = {
  placeholder: 'true|false',
  takes: 'true or false',
  parse: (text) => (text === 'true' || text === 'false' ? text === 'true' : undefined),
  accepts: (value) => typeof value === 'boolean',
};

/** A shared secret of at least `least` bytes and hard to guess. */
export function secretText(least: number): Kind<string> {
  const accepts = (value: unknown): value is string =>
    typeof value === 'string' && Buffer.byteLength(value) >= least && !isGuessable(value);
  return {
    placeholder: 'secret',
    takes: `a secret of at least ${least} bytes that is hard to guess (openssl rand -base64 32 makes one)`,
    parse: (text) => (accepts(text) ? text : undefined),
    accepts,
  };
}

/** A secret of Standard Webhooks: 24 to 64 bytes, as base64 after a prefix that says what it is. */
export const webhookSecret: Kind<string> = {
  placeholder: 'secret',
  takes:
    'whsec_ and 24 to 64 bytes in base64 that are hard to guess (echo whsec_$(openssl rand -base64 32) makes one)',
  parse: (text) => (isWebhookSecret(text) ? text : undefined),
  accepts: isWebhookSecret,
};

function isWebhookSecret(value: unknown): value is string {
  const [, base64] = typeof value === 'string' ? (/^whsec_([\w+/=]+)$/.exec(value) ?? []) : [];
  if (base64 === undefined) return false;
  const bytes = Buffer.from(base64, 'base64');
  const isWhole = bytes.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  const isLong = bytes.length >= 24 && bytes.length <= 64;
  return isWhole && isLong && !isGuessable(base64) && !isGuessable(bytes.toString('latin1'));
}

/** An http or https URL, without user and password: error messages would leak them. */
export function httpUrl(query: 'with query' | 'without query'): Kind<string> {
  const accepts = (value: unknown): value is string => {
    if (typeof value !== 'string' || /[\s#]/.test(value) || !URL.canParse(value)) return false;
    const { protocol, username, password } = new URL(value);
    const plain = username === '' && password === '';
    return /^https?:$/.test(protocol) && plain && (query === 'with query' || !value.includes('?'));
  };
  return {
    placeholder: 'url',
    takes: `an http:// or https:// URL without user, password${query === 'with query' ? '' : ', query'} and fragment`,
    parse: (text) => (accepts(text) ? text : undefined),
    accepts,
  };
}

/** `*`, `null`, or scheme, host (which may start with `*.`) and port. */
const ORIGIN = /^(?:\*|null|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?[^\s/?#@,*"']*)$/i;

/** A subdomain in a parsed URL: no label is empty, except the root's at the end. */
const HOST_BELOW = /^any(?:\.[^.]+)+\.?$/;

/** Whether this is an origin, or a pattern for origins. */
export function isOrigin(text: string): boolean {
  if (!ORIGIN.test(text)) return false;
  if (!text.includes('://')) return true;
  const below = text.replace('*.', 'any.');
  return URL.canParse(below) && (below === text || HOST_BELOW.test(new URL(below).hostname));
}
