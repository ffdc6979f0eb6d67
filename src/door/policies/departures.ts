/** Who has left within the last minute, so that a lock that comes meanwhile lets them back in. */
import type { Person } from './bans';
import { AWAY } from './guests';

/** Departures that are remembered; of more within a minute, the latest. */
const REMEMBERED = 5_000;

export interface Departed {
  readonly person: Person;
  readonly at: number;
  /** By an operator. */
  readonly isRemoved: boolean;
}

export class Departures {
  /** The oldest first. */
  readonly #departed = new Set<Departed>();

  add(person: Person, at: number, isRemoved: boolean): void {
    for (const oldest of this.#departed) {
      if (oldest.at + AWAY > at && this.#departed.size < REMEMBERED) break;
      this.#departed.delete(oldest);
    }
    this.#departed.add({ person, at, isRemoved });
  }

  *of(room: string): Iterable<Departed> {
    for (const departed of this.#departed) if (departed.person.room === room) yield departed;
  }
}
