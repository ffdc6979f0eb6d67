/** Closes members when their credentials expire. */
import type { Clock } from '../../clock';
import { type Close, refusals } from '../refusals';

/**
 * Milliseconds after which the time of day is asked for again: it may be set, timers do not count a machine's
 * sleep, and those of Node fire at once where they are to wait for more than 25 days.
 */
const LONGEST_WAIT = 60_000;

export interface Expiring {
  close(refusal: Close): void;
}

/** Costs a timer for each member that is watched, and nothing for any other. */
export class Expiry {
  readonly #clock: Clock;
  readonly #timeOfDay: () => number;
  /** What cancels a member's timer. */
  readonly #timers = new Map<Expiring, () => void>();

  /** @param timeOfDay in milliseconds since the epoch */
  constructor(clock: Clock, timeOfDay: () => number = Date.now) {
    this.#clock = clock;
    this.#timeOfDay = timeOfDay;
  }

  /**
   * The member is closed later, even where its time has come: it may not have joined yet.
   * @param expiresAt when it is to be closed, in milliseconds since the epoch
   */
  watch(member: Expiring, expiresAt: number): void {
    const left = Math.max(expiresAt - this.#timeOfDay(), 0);
    const timerOnTime = () => this.#look(member, expiresAt);
    this.#timers.set(member, this.#clock.schedule(timerOnTime, Math.min(left, LONGEST_WAIT)));
  }

  /** The member has left. */
  unwatch(member: Expiring): void {
    this.#timers.get(member)?.();
    this.#timers.delete(member);
  }

  #look(member: Expiring, expiresAt: number): void {
    if (this.#timeOfDay() < expiresAt) this.watch(member, expiresAt);
    else {
      this.#timers.delete(member);
      member.close(refusals.expired);
    }
  }
}
