/** The node's budget for what was sent and has not left yet. Pure. */

/** Bytes. Over TLS each copy of a roster is encrypted for one member, and takes memory until it has left. */
export const MOST_IN_FLIGHT = 64 << 20;

export class InFlight {
  readonly #most: number;
  #bytes = 0;
  /** Called when the budget was used up and is no more. */
  onRoom: () => void = () => {};

  constructor(most = MOST_IN_FLIGHT) {
    this.#most = most;
  }

  /** What is on its way. */
  get bytes(): number {
    return this.#bytes;
  }

  get isUsedUp(): boolean {
    return this.#bytes >= this.#most;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** They have left, or never will. */
  remove(bytes: number): void {
    const wasUsedUp = this.isUsedUp;
    this.#bytes -= bytes;
    if (wasUsedUp && !this.isUsedUp) this.onRoom();
  }
}
