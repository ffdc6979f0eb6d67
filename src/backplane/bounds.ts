/**
 * What versions and stamps can have become. Both grow by one with what happens, so no cluster can have brought them
 * further than this many a millisecond since the year that this host was written. Whoever sends more is ignored: taken
 * over once, a number near the largest would leave no room for those to come. Since the bound grows faster than any
 * cluster counts, a number that is just within it does no harm. A machine whose clock has not been set yet, and stands
 * in the past, takes what can have been after a year.
 */
const SINCE = Date.UTC(2025, 0);
const YEAR = Date.UTC(2026, 0) - SINCE;
const A_MILLISECOND = 1_000;

/** @param wallClock milliseconds since the epoch */
export function mostThatCanBe(wallClock: number): number {
  return Math.max(YEAR, wallClock - SINCE) * A_MILLISECOND;
}
