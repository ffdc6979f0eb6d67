/** What has happened on all nodes, kept for those who look on: as much of each kind, so that neither hides the other. */
import { Ring } from './ring';
import type { Happening } from './shapes';

/** Joins and leaves that are kept for slow readers, and as many refusals and removals. */
const KEPT = 500;
/** Of each, those that a new reader gets. */
const FIRST = 100;

interface Kept {
  /** Counts all that were ever added, from 1. */
  readonly place: number;
  readonly happening: Happening;
}

export class KeptHappenings {
  readonly #visits = new Ring<Kept>(KEPT);
  readonly #others = new Ring<Kept>(KEPT);
  #last = 0;

  /** The place of the last one. */
  get last(): number {
    return this.#last;
  }

  add(happening: Happening): void {
    this.#last++;
    const isVisit = happening.kind === 'join' || happening.kind === 'leave';
    (isVisit ? this.#visits : this.#others).add({ place: this.#last, happening });
  }

  /** The latest, of one room or of all, the oldest first. */
  latest(room: string | undefined): Happening[] {
    return inOrder([this.#visits, this.#others].flatMap((ring) => newest(ring, room)));
  }

  /** All that came after this place and is still there, the oldest first. */
  after(place: number): Happening[] {
    const fresh = [this.#visits, this.#others].flatMap((ring) => [...ring.newest()]);
    return inOrder(fresh.filter((kept) => kept.place > place));
  }
}

function newest(ring: Ring<Kept>, room: string | undefined): Kept[] {
  const wanted = [...ring.newest()].filter(({ happening }) => room === undefined || happening.room === room);
  return wanted.slice(0, FIRST);
}

function inOrder(kept: readonly Kept[]): Happening[] {
  return [...kept].sort((a, b) => a.place - b.place).map(({ happening }) => happening);
}
