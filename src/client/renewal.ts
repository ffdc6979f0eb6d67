/**
 * Replaces the link without leaving the room, before its token expires or because it may be dead: opens a second link
 * with a fresh token, and closes the first once the second has its roster. To the host, two sockets with the same name
 * are one stream.
 */
import { delayBefore } from './come-back';
import type { WebSocketLike } from './index';
import { lifetimeOf } from './token-life';
import { readRoster } from './wire';

/** Milliseconds for a fresh token and the second link together. */
const TIMEOUT = 10_000;
/** A token is renewed this long before its end, in milliseconds, or this share of its lifetime if that is shorter. */
const LONGEST_LEAD = 60_000;
const LEAD_SHARE = 0.25;
/** Milliseconds to keep the first link: other nodes may learn of the second one a little later. */
const LINGER = 1_000;
/** Milliseconds; longer timers fire at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

const NORMAL = 1000;
const ABNORMAL = 1006;

export interface RenewalParts {
  /** Asks for a token; what it returns opens a link with it. */
  readonly prepare: () => Promise<() => WebSocketLike>;
  /** The second link has its first roster, and replaces the first. */
  readonly takeOver: (second: WebSocketLike, data: unknown) => void;
  /** The second link could not be opened. Returns whether to try again. */
  readonly hasFailed: (code: number, reason: string) => boolean;
}

export class Renewal {
  readonly #parts: RenewalParts;
  /** When to renew the last token, by `performance.now()`. Undefined if its end is unknown. */
  #dueAt: number | undefined;
  /** Identifies the current attempt, since a token may arrive after it has ended. */
  #turn: object | undefined;
  #attempt = 0;
  /** Runs until the next attempt, and during it. */
  #timer: Timer;
  #second: WebSocketLike | undefined;
  /** The previous link, while it lingers. */
  #former: { readonly socket: WebSocketLike; readonly timer: Timer } | undefined;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** The next link uses this token, which has just been issued. */
  given(token: string): void {
    const lifetime = lifetimeOf(token);
    if (lifetime === undefined) {
      this.#dueAt = undefined;
      return;
    }
    const lead = Math.min(LONGEST_LEAD, lifetime * LEAD_SHARE);
    this.#dueAt = performance.now() + lifetime - lead * (0.5 + Math.random() / 2);
  }

  /** The link has its first roster. */
  start(): void {
    if (this.#dueAt !== undefined) this.#wait(Math.max(this.#dueAt - performance.now(), 0));
  }

  /** Replaces the link now: a second one that is already under way may belong to a network that is gone. */
  now(): void {
    this.#endTry();
    this.#renew();
  }

  /** The link is lost or closed. */
  cancel(): void {
    this.#endTry();
    this.#attempt = 0;
    this.#endFormer();
  }

  /** Ignores the replaced link from now on, and closes it soon. */
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
    this.#timer = setTimeout(() => this.#failed(ABNORMAL, ''), TIMEOUT);
    try {
      const connect = await this.#parts.prepare();
      if (this.#turn === turn) this.#listenTo(connect());
    } catch (error) {
      if (this.#turn === turn) this.#failed(ABNORMAL, String(error));
    }
  }

  #listenTo(second: WebSocketLike): void {
    this.#second = second;
    second.onerror = () => {};
    second.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) =>
      this.#failed(code, reason);
    second.onmessage = ({ data }: { readonly data: unknown }) => {
      if (readRoster(data) === undefined) return;
      this.#second = undefined;
      this.#endTry();
      this.#attempt = 0;
      this.start();
      this.#parts.takeOver(second, data);
    };
  }

  #failed(code: number, reason: string): void {
    this.#endTry();
    if (!this.#parts.hasFailed(code, reason)) return;
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

/** The error listener stays, since `ws` throws unhandled errors. */
function silence(socket: WebSocketLike): void {
  socket.onmessage = null;
  socket.onclose = null;
}
