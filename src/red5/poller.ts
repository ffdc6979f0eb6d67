/**
 * When the server is asked about what: regularly and spread evenly, at once on a hint, one question about the same in
 * flight, never more at a time or a second than it should be asked, and seldom where it is slow. While it cannot be
 * asked, a few questions find out when it can again; then all are asked.
 */
import type { Clock } from '../clock';
import { ServerState } from './server-state';
import { Slots } from './slots';
import type { Pace } from './source';
import { newSubject, type Subject } from './subject';

/** Milliseconds between two questions while the server is unreachable. */
export const PROBE = 400;
/** The same while one is not answered, and how many may be so: a server that was silent may never answer those. */
export const SILENT_PROBE = 1_500;
export const MOST_PROBES = 4;
/**
 * The part of the gap between questions that is kept while all are asked, once it can be asked again: the truth about a
 * thousand rooms is there within 6 s then, second looks included.
 */
const HASTE = 0.7;
/** A server that takes so many times less than the interval to answer is asked at every interval. */
const SLOWER = 10;
/** Multiples of it, without their whole part, spread evenly however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export interface PollerParts {
  readonly clock: Clock;
  readonly pace: Pace;
  /** Asks; never rejects. @returns why it could not be asked, or undefined where it answered */
  readonly ask: (subject: string) => Promise<string | undefined>;
  /** The server is unreachable, and why; undefined when it is reachable again. */
  readonly onState: (problem: string | undefined) => void;
}

export class Poller {
  readonly #parts: PollerParts;
  readonly #subjects = new Map<string, Subject>();
  /** Both in the order in which they are asked. */
  readonly #urgent = new Set<Subject>();
  readonly #regular = new Set<Subject>();
  readonly #slots: Slots<Subject>;
  readonly #server: ServerState;
  #watched = 0;
  #inFlight = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #nextAt = Number.NEGATIVE_INFINITY;
  #hastensUntil = Number.NEGATIVE_INFINITY;
  #cancelPump: (() => void) | undefined;
  #stopped = false;

  constructor(parts: PollerParts) {
    this.#parts = parts;
    this.#server = new ServerState(parts.onState);
    this.#slots = new Slots(parts.clock, this.#saved, (subjects) => this.#areDue(subjects));
  }

  /** Asks now, and regularly from now on. */
  watch(name: string): void {
    const known = this.#subjects.get(name);
    if (known?.isWatched) return;
    const subject = known ?? this.#newSubject(name);
    subject.isWatched = true;
    this.#enqueue(subject, subject.state === 'resting' ? this.#regular : this.#urgent);
  }

  unwatch(name: string): void {
    const subject = this.#subjects.get(name);
    if (subject === undefined) return;
    subject.isWatched = false;
    this.#forgetUnwatched(subject);
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

  /** Milliseconds that the last answer about this took, whichever node asked. */
  took(name: string): number {
    return this.#subjects.get(name)?.took ?? 0;
  }

  /**
   * Another node has asked: this one does when that one no more does, or to find out whether it can again.
   * @param took milliseconds
   * @param patience milliseconds that this node waits longer than that one
   */
  answeredElsewhere(name: string, took: number, patience: number): void {
    const subject = this.#subjects.get(name);
    if (subject === undefined || this.#server.problem !== undefined) return;
    const { clock, pace } = this.#parts;
    subject.cancelLater();
    this.#regular.delete(subject);
    subject.took = took;
    subject.dueAt = clock.now() + Math.max(pace.interval, took * SLOWER) + took + patience;
    this.#scheduleRegular(subject);
  }

  /** What is in flight comes to nothing: its end is the host's, not the server's. */
  stop(): void {
    this.#stopped = true;
    for (const subject of [...this.#subjects.values()]) this.#forget(subject);
    this.#cancelPump?.();
    this.#cancelPump = undefined;
  }

  #scheduleRegular(subject: Subject): void {
    subject.cancelRegular();
    subject.cancelRegular = this.#slots.add(subject, subject.dueAt);
  }

  #areDue(subjects: Iterable<Subject>): void {
    for (const subject of subjects) if (subject.state === 'resting') this.#regular.add(subject);
    this.#pump();
  }

  #forgetUnwatched(subject: Subject): void {
    const isOnly = this.#subjects.size === 1;
    if (subject.isWatched || subject.state !== 'resting' || (isOnly && this.#server.problem !== undefined))
      return;
    this.#forget(subject);
  }

  #forget(subject: Subject): void {
    this.#subjects.delete(subject.name);
    this.#urgent.delete(subject);
    this.#regular.delete(subject);
    this.#server.forget(subject.last);
    subject.cancelRegular();
    subject.cancelLater();
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
    const most = this.#server.problem === undefined ? pace.most : Math.min(pace.most, MOST_PROBES);
    while (this.#inFlight < most) {
      const [subject] = this.#urgent.size > 0 ? this.#urgent : this.#regular;
      if (subject === undefined) return;
      const now = clock.now();
      const nextAt = this.#mayAskAt;
      if (now < nextAt) {
        this.#pumpIn(Math.max(nextAt - now, this.#saved));
        return;
      }
      this.#askedAt = now;
      this.#nextAt =
        Math.max(now - this.#saved, this.#nextAt) + pace.gap * (now < this.#hastensUntil ? HASTE : 1);
      this.#urgent.delete(subject);
      this.#regular.delete(subject);
      void this.#ask(subject);
    }
  }

  get #mayAskAt(): number {
    if (this.#server.problem === undefined) return this.#nextAt;
    return this.#askedAt + (this.#inFlight === 0 ? PROBE : SILENT_PROBE);
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
    subject.took = clock.now() - startedAt;
    const { problem: before } = this.#server;
    const isServers = this.#server.note(subject.last, problem);
    subject.last = problem === undefined ? 'answered' : 'failed';
    subject.dueAt = isServers ? clock.now() + PROBE : this.#nextDue(subject);
    this.#scheduleRegular(subject);
    if (isAgain) this.#urgent.add(subject);
    if (before !== undefined && this.#server.problem === undefined) this.#askAll();
    this.#forgetUnwatched(subject);
    this.#pump();
  }

  /** A question on a hint moves no regular one: they would come together. */
  #nextDue({ dueAt, took }: Subject): number {
    const { clock, pace } = this.#parts;
    const earliest = clock.now() + Math.max(0, took * SLOWER - pace.interval);
    if (dueAt > earliest) return dueAt;
    return dueAt + Math.ceil((earliest - dueAt + 1) / pace.interval) * pace.interval;
  }

  /** The server is back. */
  #askAll(): void {
    this.#nextAt = this.#parts.clock.now();
    this.#hastensUntil = this.#nextAt + this.#parts.pace.interval;
    for (const subject of [...this.#subjects.values()]) {
      if (!subject.isWatched) this.#forgetUnwatched(subject);
      else if (subject.state === 'resting') this.#regular.add(subject);
    }
  }

  #newSubject(name: string): Subject {
    const { clock, pace } = this.#parts;
    const phase = (++this.#watched * GOLDEN) % 1;
    const subject = newSubject(name, clock.now() + phase * pace.interval);
    this.#subjects.set(name, subject);
    this.#scheduleRegular(subject);
    return subject;
  }
}
