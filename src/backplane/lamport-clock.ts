/**
 * Stamps that grow with what has been seen (a Lamport clock): later means larger, on every node, without wall
 * clocks.
 */
export class LamportClock {
  #last = 0;

  next(): number {
    this.#last++;
    return this.#last;
  }

  /** Whatever is stamped from now on is later than this. */
  saw(stamp: number): void {
    if (stamp > this.#last) this.#last = stamp;
  }
}
