/** How long a token is valid, by its own claims (RFC 7519, section 4.1). */

/** Milliseconds: if less than this seems to be left, the local clock is probably wrong. */
const LEAST_BELIEVED = 2_000;

/**
 * Milliseconds for which a token that was just issued is valid: from `iat` to `exp`, since clocks of devices are often
 * wrong, or from now to `exp` without `iat`. Undefined if unknown.
 */
export function lifetimeOf(token: string, now = Date.now()): number | undefined {
  const { exp, iat } = claimsOf(token);
  if (typeof exp !== 'number') return undefined;
  if (typeof iat === 'number') return exp > iat ? (exp - iat) * 1_000 : undefined;
  const left = exp * 1_000 - now;
  return left >= LEAST_BELIEVED ? left : undefined;
}

/** Does not decode UTF-8, since only numbers are read. */
function claimsOf(token: string): { readonly exp?: unknown; readonly iat?: unknown } {
  try {
    const [, payload = ''] = token.split('.');
    return Object(JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))));
  } catch {
    return {};
  }
}
