/**
 * The client of a conference host, for browsers and Node: joins a room, hears its roster, and comes back
 * when the link is lost. It has no dependency and uses nothing of the host's code.
 */
import { delayBefore, shouldComeBack } from './come-back';

/** Milliseconds that a connection has until its first sign of life: it may hang in a handshake for ever. */
const OPEN_TIMEOUT = 10_000;
/** Milliseconds: a link that lived this long was a good one, and the next loss starts counting anew. */
const STABLE = 10_000;
/** Milliseconds without a frame, once the browser says that it is offline, after which the link counts as lost. */
const SILENCE = 5_000;

/** No close frame came (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006;
const NORMAL = 1000;

export interface JoinOptions {
  readonly room: string;
  readonly streamName: string;
  /** Where the host asks for one. A function is called for each connection, so that tokens may expire. */
  readonly token?: string | (() => string | Promise<string>);
  /** A WebSocket class, where there is no global one (Node before 22): that of `ws`. */
  readonly WebSocket?: new (
    url: string,
  ) => WebSocketLike;
}

/** What is used of a WebSocket. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  close(code?: number): void;
}

/** The room's streams, and what changed since the roster before, be it from before a lost link. */
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

/** The link is lost; `room.streams` stays as it was. */
export class ReconnectingEvent extends Event {
  /** Counts from 1 with each loss in a row. */
  readonly attempt: number;
  /** Milliseconds until the next try. */
  readonly delay: number;
  /** How the link was lost: a close code, 1006 where there was none. */
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

/** It is over: by `leave()`, or because the host said not to come back. */
export class ClosedEvent extends Event {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string) {
    super('closed');
    this.code = code;
    this.reason = reason;
  }
}

export interface RoomEvents {
  /** The host let us in; a roster follows. */
  open: Event;
  roster: RosterEvent;
  reconnecting: ReconnectingEvent;
  closed: ClosedEvent;
}

/**
 * Joins a room, and stays in it until `leave()` or until the host says not to come back.
 * @param address the host's, such as `wss://host:8001`; it may have a path and a query
 * @throws TypeError where the address is none, or there is no WebSocket
 */
export function joinRoom(address: string, options: JoinOptions): ConferenceRoom {
  return new ConferenceRoom(address, options);
}
