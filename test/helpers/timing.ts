/**
 * The backplane's durations for tests: in the same proportions as the real ones, and about a tenth of them. Rooms
 * are not read again, so that only messages can carry what a test waits for.
 */
import type { Timing } from '../../src/backplane/timing';

export const quickTiming: Timing = {
  refresh: 150,
  expiry: 900,
  reread: 600_000,
  pause: 10,
  bigPause: 200,
  burst: 100,
  ping: 100,
  answer: 600,
  retry: 20,
  retrySpread: 20,
  retryMost: 200,
  linger: 500,
  firstRead: 250,
  setAside: 200,
  grace: 500,
  start: 1_000,
  stop: 1_000,
};

/** The same for tests in which a read must say what no message has said. */
export const rereadingTiming: Timing = { ...quickTiming, reread: 1_000 };
