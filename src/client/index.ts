/**
 * The client library, for browsers and Node: joins a room, receives its roster, and comes back when the link is lost.
 * It has no dependencies and shares no code with the host.
 */
import type { ClosedEvent, ReconnectingEvent, RosterEvent } from './events';
import { Link } from './link';

export { ClosedEvent, ReconnectingEvent, RosterEvent } from './events';

export interface JoinOptions {
  readonly room: string;
  readonly streamName: string;
  /**
   * If the host requires one. A function is called for each connection, and before its last token expires; it returns
   * a fresh token each time. It travels as a subprotocol, so it consists of letters, digits and !#$%&'*+-.^_`|~
   */
  readonly token?: string | (() => string | Promise<string>);
  /**
   * Milliseconds for others to come back after the link was lost, before `left` names them. Without it 10 s, or twice
   * as long as the link was away, up to 30 s.
   */
  readonly grace?: number;
  /** Leaves when it is aborted. */
  readonly signal?: AbortSignal;
  /** A WebSocket class to use instead of the global one, or of the package `ws` where there is none. */
  readonly WebSocket?: WebSocketClass;
}

export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

/** The part of a WebSocket that is used here. */
export interface WebSocketLike {
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  close(code?: number): void;
}

export interface RoomEvents {
  /** The host admitted us; a roster follows. */
  open: Event;
  roster: RosterEvent;
  reconnecting: ReconnectingEvent;
  closed: ClosedEvent;
}

export type RoomState = 'joining' | 'joined' | 'reconnecting' | 'closed';

export interface ListenOptions {
  readonly once?: boolean;
  readonly signal?: AbortSignal;
}

export type Listener<E extends Event> = ((event: E) => void) | { handleEvent(event: E): void };

/** A room that you are in, or coming back to. To iterate over it is to hear its rosters, until it is closed. */
export interface ConferenceRoom extends AsyncIterable<RosterEvent> {
  readonly room: string;
  readonly streamName: string;
  readonly state: RoomState;
  /** Resolves with the first roster, and rejects if the room is closed before that. */
  readonly ready: Promise<ConferenceRoom>;
  /** The newest roster, and behind it those who are awaited. Kept while the link is down. */
  readonly streams: readonly string[];
  /** Those of `streams` who were in the room before the link was lost, and have not come back yet. */
  readonly awaited: readonly string[];
  /** Leaves for good. */
  leave(): void;
  addEventListener<K extends keyof RoomEvents>(
    type: K,
    listener: Listener<RoomEvents[K]>,
    options?: boolean | ListenOptions,
  ): void;
  removeEventListener<K extends keyof RoomEvents>(type: K, listener: Listener<RoomEvents[K]>): void;
}

/**
 * Joins a room, and stays in it until `leave()` or until the host says not to come back.
 * @param address the host's, such as `wss://host:8001` or `localhost:8001`; it may have a path and a query
 * @throws TypeError if the address is not valid
 */
export function joinRoom(address: string, options: JoinOptions): ConferenceRoom {
  return new Link(address, options);
}
