/** The events of a room. */

/** The room's streams, and what changed since the event before, even across a lost link. */
export class RosterEvent extends Event {
  readonly streams: readonly string[];
  readonly joined: readonly string[];
  readonly left: readonly string[];

  constructor(streams: readonly string[], before: readonly string[]) {
    super('roster');
    this.streams = streams;
    this.joined = without(streams, before);
    this.left = without(before, streams);
  }
}

/** The link is lost; `room.streams` is kept. */
export class ReconnectingEvent extends Event {
  /** From 1, for each loss in a row. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
  /** The close code; 1006 if there was none. */
  readonly code: number;
  readonly reason: string;

  constructor(attempt: number, delay: number, code: number, reason: string) {
    super('reconnecting');
    this.attempt = attempt;
    this.delay = delay;
    this.code = code;
    this.reason = reason;
  }
}

/** The end: `leave()` was called, or the host said not to come back. */
export class ClosedEvent extends Event {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string) {
    super('closed');
    this.code = code;
    this.reason = reason;
  }
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}
