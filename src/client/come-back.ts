/** Which closes to come back from, and when. The host's table of refusals says the same; a test holds them together. */

/** Protocol errors, flooding, and what only a changed request could mend. */
const FINAL = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4400, 4401, 4403]);
/** The host goes away; another one, or the next one, may be there at once. */
const GOING_AWAY = 1001;
/** The token has expired; a fresh one lets in at once. */
const EXPIRED = 4410;
/** Something is full, here or there. */
const TOO_MANY = 4429;

/** Milliseconds. */
const SHORTEST = 500;
const WHEN_FULL = 4_000;
const LONGEST = 30_000;

export function shouldComeBack(code: number): boolean {
  return !FINAL.has(code);
}

/**
 * Milliseconds to wait: longer with each attempt (from 1), and spread, since those who lost the link with us
 * come back with us.
 * @param random from 0 to 1
 */
export function delayBefore(attempt: number, code: number, random = Math.random()): number {
  const first = code === TOO_MANY ? WHEN_FULL : SHORTEST;
  const longest = Math.min(LONGEST, first * 2 ** (attempt - 1));
  if (attempt === 1 && code === EXPIRED) return 0;
  return Math.round(attempt === 1 && code === GOING_AWAY ? random * longest : longest * (0.5 + random / 2));
}
