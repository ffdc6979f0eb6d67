/** The streams of a room in the order on which all nodes agree: by stamp, ties by name. Pure. */
import { encodeName } from '../conference/protocol';
import type { RosterStream } from '../conference/rooms';

interface PlacedStream extends RosterStream {
  readonly stamp: number;
}

/**
 * Kept sorted, so that a roster costs one walk. A newcomer has the largest stamp as a rule and is appended;
 * elsewhere a change costs moving the pointers behind its place.
 */
export class MergedOrder {
  readonly #sorted: PlacedStream[] = [];
  readonly #byName = new Map<string, PlacedStream>();

  get streams(): readonly RosterStream[] {
    return this.#sorted;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * Puts a stream to the place of its stamp, or takes it out where it has none.
   * @returns whether the order is another one now
   */
  place(name: string, stamp: number | undefined): boolean {
    const old = this.#byName.get(name);
    if (old?.stamp === stamp) return false;
    const oldIndex = old === undefined ? -1 : this.#remove(old);
    if (stamp === undefined) return true;
    const placed = { name, encoded: old?.encoded ?? encodeName(name), stamp };
    this.#byName.set(name, placed);
    const index = this.#indexOf(placed);
    this.#sorted.splice(index, 0, placed);
    return index !== oldIndex;
  }

  #remove(stream: PlacedStream): number {
    const index = this.#indexOf(stream);
    this.#sorted.splice(index, 1);
    this.#byName.delete(stream.name);
    return index;
  }

  /** Where the stream stands, or would stand. */
  #indexOf(stream: PlacedStream): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#sorted[middle];
      if (other !== undefined && isBefore(other, stream)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(a: PlacedStream, b: PlacedStream): boolean {
  return a.stamp === b.stamp ? a.name < b.name : a.stamp < b.stamp;
}
