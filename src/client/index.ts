/**
 * The client library, for browsers and Node: joins a room, receives its roster, and comes back when the link is lost.
 * It has no dependencies and shares no code with the host.
 */
import { delayBefore, shouldComeBack } from './come-back';
import { Renewal } from './renewal';
import { readRoster, targetOf } from './wire';

/** Milliseconds until the first roster must arrive: a handshake may hang for ever. */
const OPEN_TIMEOUT = 10_000;
/** Milliseconds after which a link counts as stable: its loss is attempt 1 again. */
const STABLE = 10_000;
/** Milliseconds without a frame, after the browser goes offline, before the link counts as lost. */
const SILENCE = 5_000;

/** No close frame (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006;
const NORMAL = 1000;

export interface JoinOptions {
  readonly room: string;
  readonly streamName: string;
  /**
   * If the host requires one. A function is called for each connection, and before its last token expires; it returns
   * a fresh token each time.
   */
  readonly token?: string | (() => string | Promise<string>);
  /** A WebSocket class, if there is no global one (Node before 22), such as that of `ws`. */
  readonly WebSocket?: new (
    url: string,
  ) => WebSocketLike;
}

/** The part of a WebSocket that is used here. */
export interface WebSocketLike {
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  close(code?: number): void;
}

/** The room's streams, and what changed since the previous roster, even across a lost link. */
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

export interface RoomEvents {
  /** The host admitted us; a roster follows. */
  open: Event;
  roster: RosterEvent;
  reconnecting: ReconnectingEvent;
  closed: ClosedEvent;
}

/**
 * Joins a room, and stays in it until `leave()` or until the host says not to come back.
 * @param address the host's, such as `wss://host:8001`; it may have a path and a query
 * @throws TypeError if the address is not valid, or there is no WebSocket
 */
export function joinRoom(address: string, options: JoinOptions): ConferenceRoom {
  // EventTarget's own type has no typed events.
  return new Link(address, options) as ConferenceRoom;
}

export interface ListenOptions {
  readonly once?: boolean;
  readonly signal?: AbortSignal;
}

/** A listener for any event type. */
export type AnyListener = ((event: Event) => void) | { handleEvent(event: Event): void } | null;

/** A room that you are in, or coming back to. */
export interface ConferenceRoom extends EventTarget {
  readonly room: string;
  readonly streamName: string;
  /** The newest roster, kept while the link is down. */
  readonly streams: readonly string[];
  /** Leaves for good. */
  leave(): void;
  addEventListener<K extends keyof RoomEvents>(
    type: K,
    listener: (event: RoomEvents[K]) => void,
    options?: boolean | ListenOptions,
  ): void;
  addEventListener(type: string, listener: AnyListener, options?: boolean | ListenOptions): void;
  removeEventListener<K extends keyof RoomEvents>(type: K, listener: (event: RoomEvents[K]) => void): void;
  removeEventListener(type: string, listener: AnyListener): void;
}

class Link extends EventTarget {
  readonly room: string;
  readonly streamName: string;
  streams: readonly string[] = [];
  readonly #connect: (token: string | undefined) => WebSocketLike;
  readonly #token: JoinOptions['token'];
  /** Only if the token comes from a function. */
  readonly #renewal: Renewal | undefined;
  #socket: WebSocketLike | undefined;
  /** Identifies the current attempt, since a token may arrive after it has ended. */
  #turn: object | undefined;
  #attempt = 0;
  /** When the host admitted us; undefined before that. */
  #openedAt: number | undefined;
  /** Runs while a frame is due. */
  #watch: Timer;
  /** Runs until the next attempt. */
  #retry: Timer;
  #over = false;

  constructor(address: string, { room, streamName, token, WebSocket }: JoinOptions) {
    super();
    const Socket = WebSocket ?? (globalThis as { WebSocket?: JoinOptions['WebSocket'] }).WebSocket;
    if (Socket === undefined) throw new TypeError('there is no global WebSocket: pass one as an option');
    if (!/^(ws|http)s?:\/\//.test(address) || !URL.canParse(address)) {
      throw new TypeError(`${address} is not a ws:// or wss:// address`);
    }
    this.room = room;
    this.streamName = streamName;
    this.#token = token;
    this.#connect = (token) => new Socket(targetOf(address, { room, streamName, token }));
    if (typeof token === 'function') this.#renewal = this.#renewalBy(token);
    this.#listen('addEventListener');
    this.#open();
  }

  leave(): void {
    if (this.#over) return;
    const socket = this.#socket;
    this.#end(NORMAL, 'left');
    socket?.close(NORMAL);
  }

  #renewalBy(askForToken: () => string | Promise<string>): Renewal {
    return new Renewal({
      askForToken,
      connect: this.#connect,
      takeOver: (second, data) => this.#takeOver(second, data),
    });
  }

  async #open(): Promise<void> {
    const turn = {};
    this.#turn = turn;
    this.#retry = undefined;
    this.#expectLife(OPEN_TIMEOUT, 'the host does not answer');
    try {
      const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
      if (this.#turn !== turn) return;
      if (token !== undefined) this.#renewal?.given(token);
      this.#attach(this.#connect(token));
    } catch (error) {
      if (this.#turn === turn) this.#lost(ABNORMAL, String(error));
    }
  }

  #attach(socket: WebSocketLike): void {
    this.#socket = socket;
    socket.onmessage = ({ data }: { readonly data: unknown }) => this.#heard(data);
    socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) =>
      this.#lost(code, reason);
    socket.onerror = ignore;
  }

  /** Replaces the link. No event tells of it, since nothing changes for the room. */
  #takeOver(second: WebSocketLike, data: unknown): void {
    if (this.#socket !== undefined) this.#renewal?.letGo(this.#socket);
    this.#attach(second);
    this.#heard(data);
  }

  #heard(data: unknown): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    const streams = readRoster(data);
    if (streams === undefined) return;
    if (this.#openedAt === undefined) {
      this.#openedAt = Date.now();
      this.#renewal?.start();
      this.dispatchEvent(new Event('open'));
      if (this.#over) return;
    }
    const before = this.streams;
    this.streams = streams;
    this.dispatchEvent(new RosterEvent(streams, before));
  }

  #expectLife(within: number, complaint: string): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#drop(complaint), within);
  }

  /** Drops a link that may still look alive. */
  #drop(reason: string): void {
    const socket = this.#socket;
    this.#lost(ABNORMAL, reason);
    socket?.close();
  }

  #lost(code: number, reason: string): void {
    const lived = this.#openedAt === undefined ? 0 : Date.now() - this.#openedAt;
    if (!shouldComeBack(code)) {
      this.#end(code, reason);
      return;
    }
    this.#detach();
    this.#attempt = lived >= STABLE ? 1 : this.#attempt + 1;
    const delay = delayBefore(this.#attempt, code);
    this.#retry = setTimeout(() => this.#open(), delay);
    this.dispatchEvent(new ReconnectingEvent(this.#attempt, delay, code, reason));
  }

  #end(code: number, reason: string): void {
    this.#over = true;
    this.#detach();
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#listen('removeEventListener');
    this.dispatchEvent(new ClosedEvent(code, reason));
  }

  /** Ignores the old socket from now on. Its error listener stays, since `ws` throws unhandled errors. */
  #detach(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    this.#turn = undefined;
    this.#openedAt = undefined;
    this.#renewal?.cancel();
    if (this.#socket !== undefined) {
      this.#socket.onmessage = null;
      this.#socket.onclose = null;
      this.#socket = undefined;
    }
  }

  /** Browsers report when the network goes down and up; Node does not. */
  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    const target = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
    target[how]?.('online', this.#onOnline);
    target[how]?.('offline', this.#onOffline);
  }

  readonly #onOffline = (): void => {
    if (this.#openedAt !== undefined) this.#expectLife(SILENCE, 'the network is away');
  };

  /** The old link belongs to the old network: if it has been silent since, do not wait for it. */
  readonly #onOnline = (): void => {
    if (this.#watch !== undefined) this.#drop('the network has changed');
    if (this.#retry === undefined) return;
    clearTimeout(this.#retry);
    this.#open();
  };
}

type Timer = ReturnType<typeof setTimeout> | undefined;

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}

function ignore(): void {}
