/**
 * Gives jobs their turn: so many at a time, one after the other each, and again after a failure. Where the receiver fails
 * time after time it is away: then one job at a time finds out whether it is back, and no job waits longer for having failed.
 */
import type { Clock } from '../clock';

/**
 * How a turn went. `idle`: there was nothing to send; `again`: something else comes first; `gone`: the receiver wants no
 * more for now; `rest`: it was sent, and there may be more after so many milliseconds.
 */
export type Turn = 'idle' | 'again' | 'failed' | 'gone' | { readonly rest: number };

export interface Job {
  /** Never rejects. */
  turn(): Promise<Turn>;
}

export interface CourierParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly mostAtOnce: number;
  /** The receiver is away, or back. */
  readonly onAway: (isAway: boolean) => void;
}

/** Failures in a row after which the receiver is away. */
const AWAY = 3;
/** Milliseconds: the first pause, doubled with each failure, and the longest ones. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 600_000;
/** One that is back is found within this time. */
const LONGEST_PROBE = 30_000;
/**
 * Milliseconds that each message costs all jobs, and how many of them may be owed: 500 messages a second, after a burst of
 * 100. Where more changes than that, jobs have more to say at a time, and members notice nothing.
 */
const COST = 2;
const BURST = 200;
/** The part of a pause that chance adds or takes. */
const JITTER = 0.2;

export class Courier {
  readonly #parts: CourierParts;
  readonly #ready = new Set<Job>();
  readonly #running = new Set<Job>();
  /** Were asked for while they ran. */
  readonly #again = new Set<Job>();
  /** Wait after a failure or a rest: how to cancel that. */
  readonly #waiting = new Map<Job, () => void>();
  readonly #failures = new Map<Job, number>();
  /** Of all jobs in a row. */
  #inARow = 0;
  /** Since it is away. */
  #probes = 0;
  /** When all that was sent is paid for. */
  #paidAt = 0;
  #cost = COST;
  #cancelPump: (() => void) | undefined;
  #cancelProbe: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  get isAway(): boolean {
    return this.#inARow >= AWAY;
  }

  /** How many jobs have something to send, or may have. */
  get size(): number {
    return this.#ready.size + this.#running.size + this.#waiting.size;
  }

  /** How many have their turn just now. */
  get running(): number {
    return this.#running.size;
  }

  /** The job has something to send. Costs the same however many there are, and runs nothing itself. */
  add(job: Job): void {
    if (this.#isStopped || this.#waiting.has(job)) return;
    if (this.#running.has(job)) this.#again.add(job);
    else this.#ready.add(job);
    this.#pumpSoon(0);
  }

  /** The receiver has taken something else: where it was away, it is back. */
  reached(): void {
    if (this.#isStopped || !this.isAway) return;
    this.#inARow = 0;
    this.#isBack();
    this.#pumpSoon(0);
  }

  /** Nobody is in the way any more: what is left may go as fast as it can. */
  hurry(): void {
    this.#cost = 0;
    this.#paidAt = 0;
  }

  /** No turn begins any more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelPump?.();
    this.#cancelProbe?.();
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#ready.clear();
  }

  #pumpSoon(delay: number): void {
    this.#cancelPump ??= this.#parts.clock.schedule(() => {
      this.#cancelPump = undefined;
      this.#pump();
    }, delay);
  }

  #pump(): void {
    const most = this.isAway ? 1 : this.#parts.mostAtOnce;
    for (const job of this.#ready) {
      if (this.#isStopped || this.#running.size >= most || this.#cancelProbe !== undefined) return;
      const owed = this.#paidAt - this.#parts.clock.now();
      if (owed > BURST) {
        this.#pumpSoon(owed - BURST);
        return;
      }
      this.#ready.delete(job);
      this.#running.add(job);
      void this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    const turn = await job.turn();
    this.#running.delete(job);
    if (this.#isStopped) return;
    const isWanted = this.#again.delete(job);
    if (turn !== 'idle') this.#paidAt = Math.max(this.#paidAt, this.#parts.clock.now()) + this.#cost;
    if (turn === 'failed' || turn === 'gone') this.#failed(job, turn);
    else if (typeof turn === 'object') this.#sent(job, turn.rest);
    else if (turn === 'again' || isWanted) this.#ready.add(job);
    this.#pump();
  }

  #sent(job: Job, rest: number): void {
    const wasAway = this.isAway;
    this.#inARow = 0;
    this.#failures.delete(job);
    if (wasAway) this.#isBack();
    if (rest > 0) this.#wait(job, rest);
    else this.#ready.add(job);
  }

  #failed(job: Job, turn: 'failed' | 'gone'): void {
    const wasAway = this.isAway;
    this.#inARow += turn === 'gone' ? AWAY : 1;
    if (!this.isAway) {
      const failures = (this.#failures.get(job) ?? 0) + 1;
      this.#failures.set(job, failures);
      this.#wait(job, this.#pause(failures, LONGEST_PAUSE));
      return;
    }
    if (!wasAway) this.#parts.onAway(true);
    this.#ready.add(job);
    if (this.#cancelProbe !== undefined) return;
    this.#probes++;
    const pause = turn === 'gone' ? LONGEST_PAUSE : this.#pause(this.#probes, LONGEST_PROBE);
    this.#cancelProbe = this.#parts.clock.schedule(() => {
      this.#cancelProbe = undefined;
      this.#pump();
    }, pause);
  }

  /** What failed because the receiver was away needs to wait no longer. */
  #isBack(): void {
    this.#failures.clear();
    this.#probes = 0;
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
    for (const [job, cancel] of this.#waiting) {
      cancel();
      this.#ready.add(job);
    }
    this.#waiting.clear();
    this.#parts.onAway(false);
  }

  #wait(job: Job, pause: number): void {
    const cancel = this.#parts.clock.schedule(() => {
      this.#waiting.delete(job);
      this.#ready.add(job);
      this.#pump();
    }, pause);
    this.#waiting.set(job, cancel);
  }

  #pause(failures: number, longest: number): number {
    const doubled = Math.min(FIRST_PAUSE * 2 ** Math.min(failures - 1, 20), longest);
    return doubled * (1 - JITTER * this.#parts.random());
  }
}
