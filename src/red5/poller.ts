/**
 * When the server is asked about what: regularly and spread evenly, at once on a hint, one question about the same in
 * flight, never more at a time or a second than it should be asked, and seldom where it is slow. While it cannot be
 * asked, a single question at a time finds out when it can again; then all are asked.
 */
import type { Clock } from '../clock';

export interface Pace {
  /** Milliseconds between two questions about the same. */
  readonly interval: number;
  /** Milliseconds between any two questions, on average. */
  readonly gap: number;
  /**
   * Questions that go together: each wakes the process, and a thousand rooms would wake it two hundred times a second,
   * which costs three times as much as what is asked.
   */
  readonly burst: number;
  /** Questions in flight. */
  readonly most: number;
}

/** Milliseconds between two questions while the server cannot be asked. */
export const PROBE = 1_000;
/** A server that takes so many times less than the interval to answer is asked at every interval. */
const SLOWER = 10;
/** Failures in a row until the server counts as one that cannot be asked: one may be the room's own. */
const MOST_FAILURES = 2;
/** Multiples of it, without their whole part, spread evenly however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export interface PollerParts {
  readonly clock: Clock;
  readonly pace: Pace;
  /** Asks; never rejects. @returns why it could not be asked, or undefined where it answered */
  readonly ask: (subject: string) => Promise<string | undefined>;
  /** The server cannot be asked, and why; undefined where it can again. */
  readonly onState: (problem: string | undefined) => void;
}

interface Subject {
  readonly name: string;
  /** When its next regular question is due. */
  dueAt: number;
  cancelRegular: () => void;
  /** Ends what waits for a moment, since another node may have asked. */
  cancelLater: () => void;
  state: 'resting' | 'asking' | 'asking, and again';
}

/** Regular questions that go together. */
interface Slot {
  readonly subjects: Set<Subject>;
  cancel: () => void;
}

const nothing = () => {};

export class Poller {
  readonly #parts: PollerParts;
  readonly #subjects = new Map<string, Subject>();
  /** Both in the order in which they are asked. */
  readonly #urgent = new Set<Subject>();
  readonly #regular = new Set<Subject>();
  readonly #slots = new Map<number, Slot>();
  #watched = 0;
  #inFlight = 0;
  #nextAt = Number.NEGATIVE_INFINITY;
  #cancelPump: (() => void) | undefined;
  #failures = 0;
  #problem: string | undefined;
  #stopped = false;

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  /** Asks now, and regularly from now on. */
  watch(name: string): void {
    if (this.#subjects.has(name)) return;
    const { clock, pace } = this.#parts;
    this.#watched++;
    const phase = (this.#watched * GOLDEN) % 1;
    const dueAt = clock.now() + phase * pace.interval;
    const subject: Subject = { name, dueAt, cancelRegular: nothing, cancelLater: nothing, state: 'resting' };
    this.#subjects.set(name, subject);
    this.#scheduleRegular(subject);
    this.#enqueue(subject, this.#regular);
  }

  unwatch(name: string): void {
    const subject = this.#subjects.get(name);
    if (subject === undefined) return;
    this.#subjects.delete(name);
    this.#urgent.delete(subject);
    this.#regular.delete(subject);
    subject.cancelRegular();
    subject.cancelLater();
  }

  /** Asks at once, before all that is asked regularly. */
  hurry(name: string): void {
    const subject = this.#subjects.get(name);
    if (subject !== undefined) this.#enqueue(subject, this.#urgent);
  }

  /** Asks after so many milliseconds, unless another node has asked by then. */
  hurryLater(name: string, delay: number): void {
    const subject = this.#subjects.get(name);
    if (subject === undefined) return;
    subject.cancelLater();
    subject.cancelLater = this.#parts.clock.schedule(() => this.#enqueue(subject, this.#urgent), delay);
  }

  /** Another node has asked: this one does when that one no more does. */
  answeredElsewhere(name: string, patience: number): void {
    const subject = this.#subjects.get(name);
    if (subject === undefined) return;
    const { clock, pace } = this.#parts;
    subject.cancelLater();
    subject.cancelRegular();
    this.#regular.delete(subject);
    subject.dueAt = clock.now() + pace.interval + patience;
    this.#scheduleRegular(subject);
  }

  /** What is in flight comes to nothing: its end is the host's, not the server's. */
  stop(): void {
    this.#stopped = true;
    for (const name of [...this.#subjects.keys()]) this.unwatch(name);
    this.#cancelPump?.();
    this.#cancelPump = undefined;
  }

  #scheduleRegular(subject: Subject): void {
    const { clock } = this.#parts;
    const step = Math.max(1, this.#saved);
    const at = Math.ceil(subject.dueAt / step) * step;
    const slot = this.#slots.get(at) ?? { subjects: new Set(), cancel: nothing };
    if (slot.subjects.size === 0) {
      this.#slots.set(at, slot);
      slot.cancel = clock.schedule(() => this.#slotIsDue(at, slot), Math.max(0, at - clock.now()));
    }
    slot.subjects.add(subject);
    subject.cancelRegular = () => {
      if (!slot.subjects.delete(subject) || slot.subjects.size > 0) return;
      slot.cancel();
      this.#slots.delete(at);
    };
  }

  #slotIsDue(at: number, { subjects }: Slot): void {
    this.#slots.delete(at);
    for (const subject of subjects) if (subject.state === 'resting') this.#regular.add(subject);
    subjects.clear();
    this.#pump();
  }

  #enqueue(subject: Subject, queue: Set<Subject>): void {
    if (subject.state !== 'resting') {
      if (queue === this.#urgent) subject.state = 'asking, and again';
      return;
    }
    queue.add(subject);
    this.#pump();
  }

  #pump(): void {
    const { clock, pace } = this.#parts;
    const most = this.#problem === undefined ? pace.most : 1;
    while (this.#inFlight < most) {
      const [subject] = this.#urgent.size > 0 ? this.#urgent : this.#regular;
      if (subject === undefined) return;
      const now = clock.now();
      if (now < this.#nextAt) {
        this.#pumpIn(Math.max(this.#nextAt - now, this.#saved));
        return;
      }
      this.#nextAt =
        this.#problem === undefined ? Math.max(now - this.#saved, this.#nextAt) + pace.gap : now + PROBE;
      this.#urgent.delete(subject);
      this.#regular.delete(subject);
      void this.#ask(subject);
    }
  }

  /** Milliseconds of questions that a pause saves up, to be asked together. */
  get #saved(): number {
    const { burst, gap } = this.#parts.pace;
    return (burst - 1) * gap;
  }

  #pumpIn(delay: number): void {
    this.#cancelPump ??= this.#parts.clock.schedule(() => {
      this.#cancelPump = undefined;
      this.#pump();
    }, delay);
  }

  async #ask(subject: Subject): Promise<void> {
    const { clock, ask } = this.#parts;
    this.#inFlight++;
    subject.state = 'asking';
    subject.cancelRegular();
    const startedAt = clock.now();
    const problem = await ask(subject.name);
    if (this.#stopped) return;
    this.#inFlight--;
    const isAgain = (subject.state as Subject['state']) === 'asking, and again';
    subject.state = 'resting';
    this.#note(problem);
    if (this.#subjects.get(subject.name) === subject) {
      subject.dueAt = this.#nextDue(subject.dueAt, startedAt, problem);
      this.#scheduleRegular(subject);
      if (isAgain) this.#urgent.add(subject);
    }
    this.#pump();
  }

  /** A question on a hint moves no regular one: they would come together. */
  #nextDue(dueAt: number, startedAt: number, problem: string | undefined): number {
    const { clock, pace } = this.#parts;
    const now = clock.now();
    if (problem !== undefined) return now + PROBE;
    const earliest = now + Math.max(0, (now - startedAt) * SLOWER - pace.interval);
    if (dueAt > earliest) return dueAt;
    return dueAt + Math.ceil((earliest - dueAt + 1) / pace.interval) * pace.interval;
  }

  #note(problem: string | undefined): void {
    const { clock, onState } = this.#parts;
    this.#failures = problem === undefined ? 0 : this.#failures + 1;
    const now = problem !== undefined && (this.#failures >= MOST_FAILURES || this.#problem !== undefined);
    const next = now ? problem : undefined;
    if (next === this.#problem) return;
    const isBack = next === undefined;
    this.#problem = next;
    onState(next);
    if (!isBack) return;
    this.#nextAt = clock.now();
    for (const subject of this.#subjects.values())
      if (subject.state === 'resting') this.#regular.add(subject);
  }
}
