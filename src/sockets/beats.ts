/**
 * Members that speak `conference.2` get a frame at least every 15 s, so that a page knows that its link is alive:
 * browsers hide pings from pages.
 */
import type { Clock } from '../clock';
import { textFrame } from './frame';

/** Milliseconds within which a frame comes, as members are told. */
export const BEAT_INTERVAL = 15_000;
/** Milliseconds after the last frame at which the last of them get a beat: a busy loop may still be in time. */
const LONGEST_WAIT = 14_000;
/** Milliseconds over which the beats are spread of those that were told something at the same time. */
const SPREAD = 4_000;
/** Milliseconds between two turns. */
const TURN = 250;
/** Milliseconds after which somebody is looked at again whose last frame is still on its way. */
const BUSY_WAIT = 1_000;
/** The fraction of the golden ratio, whose multiples are spread evenly. */
const GOLDEN = 0.618;

const GOODBYE = {
  /** Milliseconds after which the first may come back: a host that starts again takes about as long. */
  least: 500,
  /** Milliseconds for each of them, and for all together. */
  each: 2,
  all: { least: 500, most: 2_500 },
} as const;

const BEAT = textFrame('{"type":"beat"}');

/** A member as the beats see it. */
export interface Beaten {
  readonly id: number;
  /** When it was sent a frame last; by `Clock.now()`. */
  readonly sentAt: number;
  /** Whether what it was sent is still on its way. */
  readonly isBusy: boolean;
  /** The turn at which it is looked at next; the beats' own note. */
  beatTurn: number;
  say(frame: Uint8Array): void;
}

/** Each is looked at only when a beat may be due. */
export class Beats {
  readonly #clock: Clock;
  readonly #turns = new Map<number, Set<Beaten>>();
  /** The turn that was taken last. */
  #turn = 0;
  /** Cancels the next turn; there is none while there is nobody to look after. */
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(member: Beaten): void {
    if (this.#cancel === undefined) {
      this.#turn = Math.floor(this.#clock.now() / TURN);
      this.#scheduleTurn();
    }
    this.#lookAgain(member, member.sentAt + waitOf(member));
  }

  unwatch(member: Beaten): void {
    const due = this.#turns.get(member.beatTurn);
    due?.delete(member);
    if (due?.size === 0) this.#turns.delete(member.beatTurn);
    if (this.#turns.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  beat(member: Beaten): void {
    member.say(BEAT);
  }

  /** The host stops: each is told when to come back, so that they do not all come at once. */
  sayGoodbye(): void {
    const members = Array.from(this.#turns.values(), (due) => [...due]).flat();
    const { least, each, all } = GOODBYE;
    const spread = Math.min(Math.max(members.length * each, all.least), all.most);
    members.forEach((member, index) => {
      const wait = least + Math.round(((index + 1) / members.length) * spread);
      member.say(textFrame(`{"type":"goodbye","wait":${wait}}`));
    });
  }

  #scheduleTurn(): void {
    const delay = (this.#turn + 1) * TURN - this.#clock.now();
    this.#cancel = this.#clock.schedule(() => this.#timerOnTurn(), Math.max(delay, 0));
  }

  #timerOnTurn(): void {
    const now = this.#clock.now();
    while ((this.#turn + 1) * TURN <= now) {
      this.#turn++;
      for (const member of this.#turns.get(this.#turn) ?? []) this.#look(member, now);
      this.#turns.delete(this.#turn);
    }
    this.#cancel = undefined;
    if (this.#turns.size > 0) this.#scheduleTurn();
  }

  #look(member: Beaten, now: number): void {
    const dueAt = member.sentAt + waitOf(member);
    if (now < dueAt) {
      this.#lookAgain(member, dueAt);
    } else if (member.isBusy) {
      this.#lookAgain(member, now + BUSY_WAIT);
    } else {
      this.beat(member);
      this.#lookAgain(member, now + waitOf(member));
    }
  }

  #lookAgain(member: Beaten, time: number): void {
    member.beatTurn = Math.max(Math.floor(time / TURN), this.#turn + 1);
    const due = this.#turns.get(member.beatTurn);
    if (due === undefined) this.#turns.set(member.beatTurn, new Set([member]));
    else due.add(member);
  }
}

/** Milliseconds after its last frame at which it gets a beat. */
function waitOf({ id }: Beaten): number {
  return LONGEST_WAIT - ((id * GOLDEN) % 1) * SPREAD;
}
