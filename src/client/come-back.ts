/** After which closes to come back, and when. A test keeps this in sync with the host's table of refusals. */

/** One has left (RFC 6455, section 7.4.1). */
export const NORMAL = 1000;
/** No close frame (the same). */
export const ABNORMAL = 1006;
/** The host is stopping; another node, or its successor, may be ready at once. */
const GOING_AWAY = 1001;
/** The token has expired; come back at once with a fresh one. */
const EXPIRED = 4410;
/** A limit is reached. */
const TOO_MANY = 4429;

/** Milliseconds. */
const SHORTEST = 500;
const WHEN_FULL = 4_000;
const LONGEST = 25_000;

/** Protocol errors, flooding, and requests that fail until they, or the room's rules, are changed. */
const FINAL = /^(100[023789]|44(0[013]|23))$/;

export function shouldComeBack(code: number): boolean {
  return !FINAL.test(String(code));
}

/**
 * Milliseconds to wait: longer with each attempt (from 1), and random, since many clients lose the link at the same
 * time.
 * @param random from 0 to 1
 */
export function delayBefore(attempt: number, code: number, random = Math.random()): number {
  const first = code === TOO_MANY ? WHEN_FULL : SHORTEST;
  const longest = Math.min(LONGEST, first * 2 ** (attempt - 1));
  if (attempt === 1 && code === EXPIRED) return 0;
  return Math.round(attempt === 1 && code === GOING_AWAY ? random * longest : longest * (0.5 + random / 2));
}
