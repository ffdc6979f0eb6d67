/** Every duration of the backplane, in milliseconds. Only `grace` is a setting: tests alone need other values of the rest. */
export interface Timing {
  /** A node says that it lives every `refresh`, and counts as dead when it has not for `expiry`. */
  readonly refresh: number;
  readonly expiry: number;
  /** What a lost message has not said is found out within this time. */
  readonly reread: number;
  /** What a list costs its room: this, and as much more as it is long, up to the pause of a big one (64 KiB). */
  readonly pause: number;
  readonly bigPause: number;
  /** So much of that a room may owe. */
  readonly burst: number;
  /** The connections are pinged every `ping`, and dead when one does not answer within `answer`. */
  readonly ping: number;
  readonly answer: number;
  /** The first pause before connecting again, its random part (doubled each time), and the longest one. */
  readonly retry: number;
  readonly retrySpread: number;
  readonly retryMost: number;
  /** A room without members here is followed for this long after Redis has heard that it is empty. */
  readonly linger: number;
  /** The first roster of a room new to this node waits so long at most for what other nodes hold in it. */
  readonly firstRead: number;
  /** A room that Redis refuses is asked for again after this. */
  readonly setAside: number;
  /** The streams of a node that stops stay listed for this long, unless they are back elsewhere before. */
  readonly grace: number;
  /** Starting waits so long at most for the link, and stopping for the goodbye. */
  readonly start: number;
  readonly stop: number;
}

/** The longest `grace` that the settings allow. */
export const LONGEST_GRACE = 60_000;

export const defaultTiming: Timing = {
  refresh: 2_000,
  expiry: 10_000,
  reread: 30_000,
  pause: 10,
  bigPause: 200,
  burst: 100,
  ping: 1_000,
  answer: 3_000,
  retry: 50,
  retrySpread: 100,
  retryMost: 2_000,
  linger: 5_000,
  firstRead: 250,
  setAside: 5_000,
  grace: 5_000,
  start: 1_000,
  stop: 1_000,
};
