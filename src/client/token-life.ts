/** How long a token is good for, as far as it says so itself (RFC 7519, section 4.1). */

/** Milliseconds: where so little seems to be left, the clock here is wrong rather than the token that short. */
const LEAST_BELIEVED = 2_000;

/**
 * Milliseconds for which a token that was given just now is good: those for which it was issued, since clocks of
 * devices are often wrong, and what is left of it by the clock here only where it does not say when it was issued.
 * Undefined where that cannot be known.
 */
export function lifetimeOf(token: string, now = Date.now()): number | undefined {
  const { exp, iat } = claimsOf(token);
  if (typeof exp !== 'number') return undefined;
  if (typeof iat === 'number') return exp > iat ? (exp - iat) * 1_000 : undefined;
  const left = exp * 1_000 - now;
  return left >= LEAST_BELIEVED ? left : undefined;
}

/** Only numbers are read, so bytes that are not ASCII may stay undecoded. */
function claimsOf(token: string): { readonly exp?: unknown; readonly iat?: unknown } {
  try {
    const [, payload = ''] = token.split('.');
    return Object(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))));
  } catch {
    return {};
  }
}
