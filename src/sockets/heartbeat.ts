/**
 * Finds the dead. A phone that loses its network sends no close, and TCP alone takes a quarter of an hour to
 * notice; so a peer that gives no sign of life is pinged, and dropped where it gives none after that. Bytes that it
 * sends are such a sign, and so are bytes that it takes: on a slow link a ping waits behind the roster before it. The
 * pings also keep proxies (nginx: 60 s) from cutting quiet sockets.
 */
import type { Clock } from '../clock';
import type { Connection } from './connection';

/** A member as the heartbeat sees it. Its two notes are the heartbeat's own. */
type Watched = Pick<Connection, 'lastAlive' | 'isHeldUp' | 'ping' | 'measure' | 'drop'> & {
  /** The turn at which it is looked at next, so that leaving needs no search. */
  turn: number;
  /** When it was pinged first since its last sign of life; by `Clock.now()`. */
  pingedAt: number;
};

/** Milliseconds between two turns at most. Each adds to the longest life of a ghost, twice. */
const LONGEST_TURN = 250;
/** Turns in the shorter of the two time-outs, so that short ones are kept as well. */
const TURNS_PER_TIMEOUT = 10;
/**
 * Milliseconds: a turn later than this, or than half the time that a peer has to answer, means that the process
 * slept, and may have answers yet to read.
 */
const LONGEST_DELAY = 1_000;
/** How often a peer is measured that may be taking a roster, from its ping until it is dropped. */
const MEASUREMENTS = 8;

export interface HeartbeatTimes {
  /** Milliseconds of silence after which a peer is pinged. */
  readonly pingInterval: number;
  /** Milliseconds of silence after that ping after which it is dropped. */
  readonly pongTimeout: number;
}

/** Every peer is looked at only when it may be due, so that 20,000 quiet ones cost next to nothing. */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #times: HeartbeatTimes;
  readonly #turnLength: number;
  readonly #turns = new Map<number, Set<Watched>>();
  /** The turn that was taken last. */
  #turn = 0;
  /** Cancels the next turn; there is none while there is nobody to watch. */
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, times: HeartbeatTimes) {
    this.#clock = clock;
    this.#times = times;
    const shorter = Math.min(times.pingInterval, times.pongTimeout);
    this.#turnLength = Math.min(LONGEST_TURN, shorter / TURNS_PER_TIMEOUT);
  }

  watch(peer: Watched): void {
    if (this.#cancel === undefined) {
      this.#turn = Math.floor(this.#clock.now() / this.#turnLength);
      this.#scheduleTurn();
    }
    this.#lookAgain(peer, peer.lastAlive + this.#times.pingInterval);
  }

  unwatch(peer: Watched): void {
    this.#turns.get(peer.turn)?.delete(peer);
  }

  stop(): void {
    this.#cancel?.();
    this.#turns.clear();
  }

  #scheduleTurn(): void {
    const delay = (this.#turn + 1) * this.#turnLength - this.#clock.now();
    this.#cancel = this.#clock.schedule(() => this.#timerOnTurn(), Math.max(delay, 0));
  }

  #timerOnTurn(): void {
    const now = this.#clock.now();
    const slept =
      now - (this.#turn + 1) * this.#turnLength > Math.min(LONGEST_DELAY, this.#times.pongTimeout / 2);
    while ((this.#turn + 1) * this.#turnLength <= now) {
      this.#turn++;
      for (const peer of this.#turns.get(this.#turn) ?? []) this.#look(peer, now, slept);
      this.#turns.delete(this.#turn);
    }
    this.#cancel = undefined;
    if (this.#turns.size > 0) this.#scheduleTurn();
  }

  #look(peer: Watched, now: number, slept: boolean): void {
    const { pingInterval, pongTimeout } = this.#times;
    if (now - peer.lastAlive < pingInterval) {
      this.#lookAgain(peer, peer.lastAlive + pingInterval);
      return;
    }
    const unanswered = peer.pingedAt > peer.lastAlive && !slept;
    if (unanswered && now - peer.pingedAt >= pongTimeout) {
      peer.drop(`silent for ${Math.round((now - peer.lastAlive) / 100) / 10} s`);
      return;
    }
    if (!unanswered) peer.pingedAt = now;
    if (peer.isHeldUp) {
      if (!unanswered) peer.ping();
      void peer.measure();
      this.#lookAgain(peer, Math.min(now + pongTimeout / MEASUREMENTS, peer.pingedAt + pongTimeout));
      return;
    }
    peer.ping();
    this.#lookAgain(peer, Math.min(now + pingInterval, peer.pingedAt + pongTimeout));
  }

  #lookAgain(peer: Watched, time: number): void {
    peer.turn = Math.max(Math.ceil(time / this.#turnLength), this.#turn + 1);
    const due = this.#turns.get(peer.turn);
    if (due === undefined) this.#turns.set(peer.turn, new Set([peer]));
    else due.add(peer);
  }
}
