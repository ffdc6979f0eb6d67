/**
 * Stays in a room without a gap while tokens expire: before that of the link does, a second link is made with a
 * fresh one, and only when that one has heard its roster is the first let go. To the host, two sockets under one
 * name are one stream.
 */
import { delayBefore, shouldComeBack } from './come-back';
import type { WebSocketLike } from './index';
import { lifetimeOf } from './token-life';
import { readRoster } from './wire';

/** Milliseconds that a fresh token and the second link may take together. */
const TIMEOUT = 10_000;
/** Milliseconds before the end at which a token is renewed, at most, and its share of a token's lifetime. */
const LONGEST_LEAD = 60_000;
const LEAD_SHARE = 0.25;
/** Milliseconds for which the first link stays: the host's other nodes may hear of the second one a little later. */
const LINGER = 1_000;
/** Milliseconds; timers that are to wait for longer fire at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

const NORMAL = 1000;
const ABNORMAL = 1006;

export interface RenewalParts {
  readonly askForToken: () => string | Promise<string>;
  readonly connect: (token: string) => WebSocketLike;
  /** The second link has heard its first roster, and is the only one from now on. */
  readonly takeOver: (second: WebSocketLike, data: unknown) => void;
}

export class Renewal {
  readonly #parts: RenewalParts;
  /** When the token that was given last is renewed; by `performance.now()`. Undefined where its end is not known. */
  #dueAt: number | undefined;
  /** What the present try is known by, since a token may come when the try is over. */
  #turn: object | undefined;
  #attempt = 0;
  /** Runs until the next try, then while one is under way. */
  #timer: Timer;
  #second: WebSocketLike | undefined;
  /** The link before, while it lingers. */
  #former: { readonly socket: WebSocketLike; readonly timer: Timer } | undefined;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** The link is made with this token, which was given just now. */
  given(token: string): void {
    const lifetime = lifetimeOf(token);
    if (lifetime === undefined) {
      this.#dueAt = undefined;
      return;
    }
    const lead = Math.min(LONGEST_LEAD, lifetime * LEAD_SHARE);
    this.#dueAt = performance.now() + lifetime - lead * (0.5 + Math.random() / 2);
  }

  /** The link has heard its first roster. */
  start(): void {
    if (this.#dueAt !== undefined) this.#wait(Math.max(this.#dueAt - performance.now(), 0));
  }

  /** The link is lost, or left. */
  cancel(): void {
    this.#endTry();
    this.#attempt = 0;
    this.#endFormer();
  }

  /** What has been replaced is no longer listened to, and soon closed. */
  letGo(former: WebSocketLike): void {
    this.#endFormer();
    silence(former);
    this.#former = { socket: former, timer: setTimeout(() => this.#endFormer(), LINGER) };
  }

  #wait(delay: number): void {
    this.#timer = setTimeout(() => this.#renew(), Math.min(delay, LONGEST_WAIT));
  }

  async #renew(): Promise<void> {
    const turn = {};
    this.#turn = turn;
    this.#timer = setTimeout(() => this.#failed(ABNORMAL), TIMEOUT);
    try {
      const token = await this.#parts.askForToken();
      if (this.#turn !== turn) return;
      this.given(token);
      this.#listenTo(this.#parts.connect(token));
    } catch {
      if (this.#turn === turn) this.#failed(ABNORMAL);
    }
  }

  #listenTo(second: WebSocketLike): void {
    this.#second = second;
    second.onerror = () => {};
    second.onclose = ({ code }: { readonly code: number }) => this.#failed(code);
    second.onmessage = ({ data }: { readonly data: unknown }) => {
      if (readRoster(data) === undefined) return;
      this.#second = undefined;
      this.#endTry();
      this.#attempt = 0;
      this.start();
      this.#parts.takeOver(second, data);
    };
  }

  /** The first link goes on, until the host ends it: then it is known whether one may come back. */
  #failed(code: number): void {
    this.#endTry();
    if (!shouldComeBack(code)) return;
    this.#attempt++;
    this.#wait(delayBefore(this.#attempt, code));
  }

  #endTry(): void {
    clearTimeout(this.#timer);
    this.#turn = undefined;
    if (this.#second === undefined) return;
    silence(this.#second);
    this.#second.close(NORMAL);
    this.#second = undefined;
  }

  #endFormer(): void {
    clearTimeout(this.#former?.timer);
    this.#former?.socket.close(NORMAL);
    this.#former = undefined;
  }
}

type Timer = ReturnType<typeof setTimeout> | undefined;

/** Errors stay listened to, as `ws` throws others. */
function silence(socket: WebSocketLike): void {
  socket.onmessage = null;
  socket.onclose = null;
}
