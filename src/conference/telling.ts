/** A large room that has something to tell: who has heard of it, and who is next. Pure. */
import type { Member, Room } from './rooms';

/** A member with a note of what it was told last. */
interface Told extends Member {
  told: number;
}

export class Telling<M extends Told> {
  readonly room: Room<M>;
  /** The change that all members are to hear of. */
  change: number;
  /** Who has just joined, and is told first. */
  readonly #newcomers = new Set<M>();
  /** The rest of the pass: who has not been looked at yet. */
  readonly #pass: Iterator<M>;
  /** The change with which the pass began. Those it told before a later change have not heard of that one. */
  #passChange: number | undefined;
  /** Milliseconds that it has taken. */
  cost = 0;

  constructor(room: Room<M>, change: number) {
    this.room = room;
    this.change = change;
    this.#pass = room.members.values();
  }

  /** The room has changed again. @param newcomer who joined, where that is the change */
  changed(change: number, newcomer: M | undefined): void {
    this.change = change;
    if (newcomer !== undefined) this.#newcomers.add(newcomer);
  }

  /** Who is told next; undefined where the pass is through. */
  next(): M | undefined {
    this.#passChange ??= this.change;
    for (const newcomer of this.#newcomers) {
      this.#newcomers.delete(newcomer);
      if (this.room.members.has(newcomer)) return newcomer;
    }
    for (let step = this.#pass.next(); !step.done; step = this.#pass.next()) {
      if (step.value.told < this.change) return step.value;
    }
    return undefined;
  }

  /** Whether the room has changed since the pass began. */
  get isOutdated(): boolean {
    return this.#passChange !== this.change;
  }
}
