/** What a program sees of the library. */
/** What a stream says of itself: up to 10 keys, 1 KiB as JSON. */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

interface CommonOptions {
  readonly room: string;
  /**
   * If the host requires one. A function is called for each connection, and before its last token expires; it returns
   * a fresh token each time. It travels as a subprotocol, so it consists of letters, digits and !#$%&'*+-.^_`|~
   */
  readonly token?: string | (() => string | Promise<string>);
  /** One's own. The host tells it to those who ask for it. */
  readonly metadata?: Metadata;
  /** Asks for the metadata of the others. */
  readonly tellMetadata?: boolean;
  /**
   * Milliseconds for others to come back after the link was lost, before `left` names them. 30 s: whoever must notice
   * first that the link is dead takes nearly as long.
   */
  readonly grace?: number;
  /** Leaves when it is aborted. */
  readonly signal?: AbortSignal;
  /** A WebSocket class to use instead of the global one, or of the package `ws` where there is none. */
  readonly WebSocket?: WebSocketClass;
}

/** Observers hear a room without being in it. */
export type JoinOptions = CommonOptions &
  (
    | { readonly streamName: string; readonly observe?: boolean }
    | { readonly streamName?: string; readonly observe: true }
  );

export type WebSocketClass = new (url: string, protocols?: string[]) => WebSocketLike;

/** The part of a WebSocket that is used here. */
export interface WebSocketLike {
  /** 0 until its handshake is done. */
  readonly readyState: number;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

/** The room's streams, and what changed since the event before, even across a lost link. */
export interface RosterEvent extends Event {
  readonly streams: readonly string[];
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/** The host does not take what we have sent, such as metadata that is too large; we stay in the room. */
export interface RefusedEvent extends Event {
  readonly reason: string;
}

/** The application, or an operator, has said something to the room. */
export interface RoomMessageEvent extends Event {
  /** Any JSON. */
  readonly message: unknown;
}

/** The link is lost; `room.streams` is kept. */
export interface ReconnectingEvent extends Event {
  /** From 1, for each loss in a row. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
  /** The close code; 1006 if there was none. */
  readonly code: number;
  readonly reason: string;
}

/** The end: `leave()` was called, or the host said not to come back. */
export interface ClosedEvent extends Event {
  readonly code: number;
  readonly reason: string;
}

export interface RoomEvents {
  /** The host admitted us; a roster follows. */
  open: Event;
  roster: RosterEvent;
  /** What others say of themselves has changed: `room.metadata` has it. */
  metadata: Event;
  refused: RefusedEvent;
  message: RoomMessageEvent;
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
  /** Empty for an observer without one. */
  readonly streamName: string;
  readonly state: RoomState;
  /** Resolves with the first roster, and rejects if the room is closed before that. */
  readonly ready: Promise<ConferenceRoom>;
  /** The newest roster, and behind it those who are awaited. Kept while the link is down. */
  readonly streams: readonly string[];
  /** Those of `streams` who were in the room before the link was lost, and have not come back yet. */
  readonly awaited: readonly string[];
  /** By stream name, if one asked to be told. Those of `streams` who have none are missing. */
  readonly metadata: ReadonlyMap<string, Metadata>;
  /** Replaces one's own, here and whenever one comes back. The event `refused` says if the host does not take it. */
  setMetadata(metadata: Metadata): void;
  /** Leaves for good. */
  leave(): void;
  addEventListener<K extends keyof RoomEvents>(
    type: K,
    listener: Listener<RoomEvents[K]>,
    options?: boolean | ListenOptions,
  ): void;
  removeEventListener<K extends keyof RoomEvents>(type: K, listener: Listener<RoomEvents[K]>): void;
}
