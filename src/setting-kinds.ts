/** The kinds of values that settings take: how each is written, read and checked. */

export interface Kind<T> {
  /** How the value is named in `--help`. */
  readonly placeholder: string;
  /** What it takes, as an error message says it. */
  readonly takes: string;
  /** The value that a flag or a variable stands for, or undefined where it stands for none. */
  parse(text: string): T | undefined;
  /** Whether a value given by an embedding program is one of them. */
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

/** A token as `Authorization: Bearer` carries it (RFC 6750, section 2.1), of at least `least` characters. */
export function bearerToken(least: number): Kind<string> {
  const accepts = (value: unknown): value is string =>
    typeof value === 'string' && value.length >= least && /^[\w.~+/-]+=*$/.test(value);
  return {
    placeholder: 'token',
    takes: `a token of at least ${least} letters, digits and -._~+/`,
    parse: (text) => (accepts(text) ? text : undefined),
    accepts,
  };
}

/** Any text but the empty one. */
export function text(takes: string, placeholder: string): Kind<string> {
  const accepts = (value: unknown): value is string => typeof value === 'string' && value !== '';
  return { placeholder, takes, parse: (text) => (accepts(text) ? text : undefined), accepts };
}
