/**
 * The client of a conference host, for browsers and Node: joins a room, hears its roster, and comes back
 * when the link is lost. It has no dependency and uses nothing of the host's code.
 */
import { delayBefore, shouldComeBack } from './come-back';
import { Renewal } from './renewal';
import { readRoster, targetOf } from './wire';

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
  /**
   * Where the host asks for one. A function is called for each connection, and again before a token expires that
   * it gave: it returns a fresh one each time.
   */
  readonly token?: string | (() => string | Promise<string>);
  /** A WebSocket class, where there is no global one (Node before 22): that of `ws`. */
  readonly WebSocket?: new (
    url: string,
  ) => WebSocketLike;
}

/** What is used of a WebSocket. */
export interface WebSocketLike {
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
  // An EventTarget's own type knows no event by its name.
  return new Link(address, options) as ConferenceRoom;
}

export interface ListenOptions {
  readonly once?: boolean;
  readonly signal?: AbortSignal;
}

/** A listener that is not of one event type. */
export type AnyListener = ((event: Event) => void) | { handleEvent(event: Event): void } | null;

/** A room that one is in, or comes back to. */
export interface ConferenceRoom extends EventTarget {
  readonly room: string;
  readonly streamName: string;
  /** The newest roster, which stays while the link is away. */
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
  /** There is none where the token can never be another. */
  readonly #renewal: Renewal | undefined;
  #socket: WebSocketLike | undefined;
  /** What the present try is known by, since a token may come when the try is over. */
  #turn: object | undefined;
  #attempt = 0;
  /** When the host let us in; undefined while it has not. */
  #openedAt: number | undefined;
  /** Runs while a sign of life is due. */
  #watch: Timer;
  /** Runs until the next try. */
  #retry: Timer;
  #over = false;

  constructor(address: string, { room, streamName, token, WebSocket }: JoinOptions) {
    super();
    const Socket = WebSocket ?? (globalThis as { WebSocket?: JoinOptions['WebSocket'] }).WebSocket;
    if (Socket === undefined) throw new TypeError('there is no WebSocket here: pass one as an option');
    if (!/^(ws|http)s?:\/\//.test(address) || !URL.canParse(address)) {
      throw new TypeError(`${address} is no ws:// or wss:// address`);
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

  /** From now on this is the link: nobody hears of the change, since the room does not either. */
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

  /** Gives up a link that may still look alive. */
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

  /** What an old socket still has to say is of no interest; its errors stay listened to, as `ws` throws others. */
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

  /** Browsers say when the network goes and comes; Node does not. */
  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    const target = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
    target[how]?.('online', this.#onOnline);
    target[how]?.('offline', this.#onOffline);
  }

  readonly #onOffline = (): void => {
    if (this.#openedAt !== undefined) this.#expectLife(SILENCE, 'the network is away');
  };

  /** The old link is of the old network: what has not shown life since is not waited for. */
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
