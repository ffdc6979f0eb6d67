/** A room's link to the host: it comes back when it is lost, and another replaces it when it may be dead. */
import { Attendance } from './attendance';
import { delayBefore, shouldComeBack } from './come-back';
import { ClosedEvent, ReconnectingEvent, RosterEvent } from './events';
import type { ConferenceRoom, JoinOptions, RoomState, WebSocketClass, WebSocketLike } from './index';
import { Renewal } from './renewal';
import { rostersOf } from './rosters';
import { globalWebSocket, installedWebSocket, NO_WEBSOCKET } from './socket-class';
import { hostAt, protocolsFor, readRoster, targetOf } from './wire';

/** Milliseconds until the first roster must arrive: a handshake may hang for ever. */
const OPEN_TIMEOUT = 10_000;
/** Milliseconds after which a link counts as stable: its loss is attempt 1 again. */
const STABLE = 10_000;
/** Milliseconds without a frame, after the browser goes offline, before the link is suspected. */
const SILENCE = 5_000;
/** Milliseconds for others to come back. The longest is the longest wait before an attempt to come back. */
const GRACE = 10_000;
const LONGEST_GRACE = 30_000;
/** Of attempts: whoever was in its room tries for the first time within 4 s, so that others need not wait for long. */
const LATEST_START = 4;

/** No close frame (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006;
const NORMAL = 1000;

/** Its own type takes any name of an event. */
const TypedTarget = EventTarget as new () => Pick<
  ConferenceRoom,
  'addEventListener' | 'removeEventListener'
> &
  Pick<EventTarget, 'dispatchEvent'>;

export class Link extends TypedTarget implements ConferenceRoom {
  readonly room: string;
  readonly streamName: string;
  readonly ready: Promise<ConferenceRoom>;
  state: RoomState = 'joining';
  readonly #options: JoinOptions;
  readonly #url: string;
  readonly #renewal: Renewal;
  readonly #attendance = new Attendance();
  #isReady: () => void = ignore;
  #isNotReady: (error: Error) => void = ignore;
  #Socket: WebSocketClass | undefined;
  #socket: WebSocketLike | undefined;
  /** Identifies the current attempt, since a token may arrive after it has ended. */
  #turn: object | undefined;
  #attempt = 0;
  /** When the host admitted us; undefined before that. */
  #openedAt: number | undefined;
  /** When the link was lost first since everybody was there. A host that starts again and again keeps others away. */
  #lostAt: number | undefined;
  /** Why the link may be dead; undefined once it is heard. */
  #suspicion: string | undefined;
  /** Runs while a frame is due. */
  #watch: Timer;
  /** Runs while others may be on their way back. */
  #grace: Timer;
  /** Runs until the next attempt. */
  #retry: Timer;

  constructor(address: string, options: JoinOptions) {
    super();
    const { room, streamName, signal } = options;
    this.room = room;
    this.streamName = streamName;
    this.#options = options;
    this.#url = targetOf(hostAt(address), room, streamName);
    this.#renewal = new Renewal({
      prepare: () => this.#prepare(),
      takeOver: (second, data) => this.#takeOver(second, data),
      hasFailed: (code, reason) => this.#secondHasFailed(code, reason),
    });
    this.ready = new Promise<ConferenceRoom>((resolve, reject) => {
      this.#isReady = () => resolve(this);
      this.#isNotReady = reject;
    });
    // Whoever does not ask for it hears `closed`.
    this.ready.catch(ignore);
    this.#listen('addEventListener');
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted) queueMicrotask(this.#onAbort);
    else this.#start();
  }

  get streams(): readonly string[] {
    return this.#attendance.streams;
  }

  get awaited(): readonly string[] {
    return this.#attendance.awaited;
  }

  [Symbol.asyncIterator](): AsyncGenerator<RosterEvent, void> {
    return rostersOf(this);
  }

  leave(): void {
    if (this.state === 'closed') return;
    const socket = this.#socket;
    this.#end(NORMAL, 'left');
    socket?.close(NORMAL);
  }

  async #start(): Promise<void> {
    this.#Socket = this.#options.WebSocket ?? globalWebSocket();
    if (this.#Socket === undefined) this.#Socket = await installedWebSocket();
    if (this.state === 'closed') return;
    if (this.#Socket !== undefined) {
      await this.#open();
      return;
    }
    console.error(`conference-host/client: ${NO_WEBSOCKET}`);
    this.#end(ABNORMAL, NO_WEBSOCKET);
  }

  async #open(): Promise<void> {
    const turn = {};
    this.#turn = turn;
    this.#retry = undefined;
    this.#expectLife(OPEN_TIMEOUT, () => this.#drop('the host does not answer'));
    try {
      const connect = await this.#prepare();
      if (this.#turn === turn) this.#attach(connect());
    } catch (error) {
      if (this.#turn === turn) this.#lost(ABNORMAL, String(error));
    }
  }

  /** Asks for a token; what it returns opens a link with it. */
  async #prepare(): Promise<() => WebSocketLike> {
    const { token: given } = this.#options;
    const token = typeof given === 'function' ? await given() : given;
    return () => {
      const Socket = this.#Socket;
      if (Socket === undefined) throw new TypeError('no WebSocket');
      if (typeof given === 'function') this.#renewal.given(token ?? '');
      return new Socket(this.#url, protocolsFor(token));
    };
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
    if (this.#socket !== undefined) this.#renewal.letGo(this.#socket);
    this.#turn = undefined;
    this.#endGrace();
    this.#attendance.onNewLink();
    this.#attach(second);
    this.#heard(data);
  }

  #heard(data: unknown): void {
    const roster = readRoster(data);
    if (roster === undefined) return;
    this.#endWatch();
    this.#suspicion = undefined;
    if (this.#openedAt === undefined) {
      this.#openedAt = performance.now();
      this.state = 'joined';
      this.#renewal.start();
      this.dispatchEvent(new Event('open'));
      if (this.#openedAt === undefined) return;
    }
    const before = this.streams;
    this.#attendance.take(roster);
    this.#waitForOthers();
    this.#isReady();
    this.dispatchEvent(new RosterEvent(this.streams, before));
  }

  #waitForOthers(): void {
    const away = this.#lostAt === undefined ? 0 : performance.now() - this.#lostAt;
    if (this.awaited.length === 0) {
      this.#lostAt = undefined;
      this.#endGrace();
      return;
    }
    const usual = Math.max(GRACE, Math.min(2 * away, LONGEST_GRACE));
    this.#grace ??= setTimeout(() => this.#giveUp(), this.#options.grace ?? usual);
  }

  #giveUp(): void {
    const before = this.streams;
    this.#attendance.giveUp();
    this.#lostAt = undefined;
    this.#endGrace();
    this.dispatchEvent(new RosterEvent(this.streams, before));
  }

  #expectLife(within: number, otherwise: () => void): void {
    this.#endWatch();
    this.#watch = setTimeout(otherwise, within);
  }

  /** Opens a second link while this one still stands, and drops this one only if neither is heard. */
  #suspect(reason: string): void {
    this.#suspicion = reason;
    this.#renewal.now();
  }

  /** The second link could not be opened. @returns whether to try again while the first link stands */
  #secondHasFailed(code: number, reason: string): boolean {
    if (this.#suspicion === undefined) return shouldComeBack(code);
    const socket = this.#socket;
    this.#lost(code, reason === '' ? this.#suspicion : reason);
    socket?.close();
    return false;
  }

  /** Drops a link that may still look alive. */
  #drop(reason: string): void {
    const socket = this.#socket;
    this.#lost(ABNORMAL, reason);
    socket?.close();
  }

  #lost(code: number, reason: string): void {
    const lived = this.#openedAt === undefined ? 0 : performance.now() - this.#openedAt;
    if (!shouldComeBack(code)) {
      this.#end(code, reason);
      return;
    }
    const next = this.#openedAt === undefined ? this.#attempt + 1 : Math.min(this.#attempt + 1, LATEST_START);
    this.#attempt = lived >= STABLE ? 1 : next;
    this.#detach();
    if (this.state === 'joined') this.#lostAt ??= performance.now();
    if (this.state !== 'joining') this.state = 'reconnecting';
    const delay = delayBefore(this.#attempt, code);
    this.#retry = setTimeout(() => this.#open(), delay);
    this.dispatchEvent(new ReconnectingEvent(this.#attempt, delay, code, reason));
  }

  #end(code: number, reason: string): void {
    this.state = 'closed';
    this.#detach();
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#listen('removeEventListener');
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    this.#isNotReady(new Error(`closed with ${code}: ${reason}`));
    this.dispatchEvent(new ClosedEvent(code, reason));
  }

  /** Ignores the old socket from now on. Its error listener stays, since `ws` throws unhandled errors. */
  #detach(): void {
    this.#endWatch();
    this.#endGrace();
    this.#attendance.onNewLink();
    this.#turn = undefined;
    this.#openedAt = undefined;
    this.#suspicion = undefined;
    this.#renewal.cancel();
    if (this.#socket !== undefined) {
      this.#socket.onmessage = null;
      this.#socket.onclose = null;
      this.#socket = undefined;
    }
  }

  #endWatch(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
  }

  #endGrace(): void {
    clearTimeout(this.#grace);
    this.#grace = undefined;
  }

  /** Browsers report when the network goes down and up; Node does not. */
  #listen(how: 'addEventListener' | 'removeEventListener'): void {
    const target = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
    target[how]?.('online', this.#onOnline);
    target[how]?.('offline', this.#onOffline);
  }

  readonly #onAbort = (): void => this.leave();

  readonly #onOffline = (): void => {
    if (this.#openedAt !== undefined) this.#expectLife(SILENCE, () => this.#suspect('the network is away'));
  };

  /**
   * The old link belongs to the old network: what has been heard of it since may have come before. One that is still
   * opening may be in the room already, so it is not dropped either.
   */
  readonly #onOnline = (): void => {
    if (this.#Socket === undefined) return;
    if (this.#retry === undefined) {
      this.#suspect('the network has changed');
      return;
    }
    clearTimeout(this.#retry);
    this.#open();
  };
}

type Timer = ReturnType<typeof setTimeout> | undefined;

function ignore(): void {}
