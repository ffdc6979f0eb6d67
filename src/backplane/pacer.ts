/**
 * When a room's list is sent: at once, unless the room has lately sent more than its share; and never before the one
 * ahead of it has been answered, so that a slow Redis gets fewer lists instead of a queue of them. Each list costs a
 * pause; a room may be so far behind with its pauses as a burst is long (the generic cell rate algorithm).
 */
import type { Clock } from '../clock';

export class Pacer {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #send: () => Promise<number>;
  #due = false;
  #held = true;
  #sending = false;
  /** When all pauses are over. */
  #paidAt = -Infinity;
  #cancel: (() => void) | undefined;

  /**
   * @param burst milliseconds of pauses that may be owed
   * @param send sends the list as it is now, and says for how many milliseconds to pause; a list that it fails to send
   *   stays due
   */
  constructor(clock: Clock, burst: number, send: () => Promise<number>) {
    this.#clock = clock;
    this.#burst = burst;
    this.#send = send;
  }

  /** Nothing waits to be sent or to be answered. */
  get idle(): boolean {
    return !this.#due && !this.#sending;
  }

  /** The list is another one. */
  changed(): void {
    this.#due = true;
    this.#sendOrWait();
  }

  /** Nothing can be sent for now. */
  hold(): void {
    this.#held = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  release(): void {
    this.#held = false;
    this.#sendOrWait();
  }

  #sendOrWait(): void {
    if (!this.#due || this.#held || this.#sending || this.#cancel !== undefined) return;
    const wait = this.#paidAt - this.#burst - this.#clock.now();
    if (wait <= 0) {
      void this.#sendNow();
      return;
    }
    this.#cancel = this.#clock.schedule(() => {
      this.#cancel = undefined;
      this.#sendOrWait();
    }, wait);
  }

  async #sendNow(): Promise<void> {
    const startedAt = this.#clock.now();
    this.#due = false;
    this.#sending = true;
    try {
      const pause = await this.#send();
      this.#paidAt = Math.max(this.#paidAt, startedAt) + pause;
    } catch {
      // The connection ended with the same error, and the link tells of it; the list goes out when it is back.
      this.#due = true;
      this.hold();
    }
    this.#sending = false;
    this.#sendOrWait();
  }
}
