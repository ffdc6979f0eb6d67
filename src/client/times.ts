/** When the library acts. In a file that imports nothing, esbuild puts the numbers where they are used: that is smaller. */

/** Milliseconds until the first roster must arrive: a handshake may hang for ever. */
export const OPEN_TIMEOUT = 10_000;

/**
 * Shares of the host's beat, which is 15 s: how often to look; when a look is so late that the machine has slept; after
 * how long a silence to ask for a beat; and how long to wait for it. So a dead link is noticed within 25 s.
 */
export const LOOK = 0.125;
export const SLEPT = 0.3;
export const SILENCE = 1.05;
export const ANSWER = 0.16;

/** Milliseconds for frames that came while the page was frozen: they say nothing of the link as it is now. */
export const OLD_NEWS = 100;

/** Milliseconds after which a link counts as stable: its loss is attempt 1 again. */
export const STABLE = 10_000;
/** Of attempts: whoever was in its room tries for the first time within 4 s, so that others need not wait for long. */
export const LATEST_START = 4;
/**
 * Milliseconds for others to come back. Whoever must notice first that the link is dead takes up to 25 s and a first
 * wait; whoever has tried for long waits for up to 25 s.
 */
export const GRACE = 30_000;
/** Milliseconds to keep a replaced link: other nodes may learn of the new one a little later. */
export const LINGER = 1_000;
/** A token is renewed this long before its end, in milliseconds, or this share of its lifetime if that is shorter. */
export const LONGEST_LEAD = 60_000;
export const LEAD_SHARE = 0.25;
