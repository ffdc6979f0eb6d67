/** Tells refusals and removals, one after the other. A flood of them delays no room, and the oldest give way. */
import type { Message } from './account';
import type { Job, Turn } from './courier';
import type { Failure } from './receiver';
import { GONE } from './room-job';

/** How many wait at most: about 1 MB. */
export const MOST_NOTICES = 1_000;
/** Milliseconds after which one is too old to be told. */
const TOO_OLD = 24 * 3_600_000;

export interface Notice extends Message {
  /** When it happened, in milliseconds since the epoch. */
  readonly time: number;
}

export class Notices implements Job {
  /** How many were never told. */
  dropped = 0;
  readonly #deliver: (message: Message) => Promise<Failure>;
  /** The oldest first. */
  readonly #waiting = new Set<Notice>();

  constructor(deliver: (message: Message) => Promise<Failure>) {
    this.#deliver = deliver;
  }

  get size(): number {
    return this.#waiting.size;
  }

  get oldest(): Notice | undefined {
    const [oldest] = this.#waiting;
    return oldest;
  }

  add(notice: Notice): void {
    this.#waiting.add(notice);
    if (this.#waiting.size > MOST_NOTICES) this.#dropOldest();
  }

  /** All that wait, which wait no longer. */
  takeAll(): Notice[] {
    const all = [...this.#waiting];
    this.#waiting.clear();
    return all;
  }

  async turn(): Promise<Turn> {
    while ((this.oldest?.time ?? Number.POSITIVE_INFINITY) < Date.now() - TOO_OLD) this.#dropOldest();
    const { oldest } = this;
    if (oldest === undefined) return 'idle';
    const failure = await this.#deliver(oldest);
    if (failure !== undefined) return failure.status === GONE ? 'gone' : 'failed';
    this.#waiting.delete(oldest);
    return { rest: 0 };
  }

  #dropOldest(): void {
    const { oldest } = this;
    if (oldest === undefined) return;
    this.#waiting.delete(oldest);
    this.dropped++;
  }
}
