/** Looks for rooms whose node has died or left them, so that somebody speaks for them again. */
import type { Clock } from '../clock';
import type { Ledger } from '../conference/ledger';

export interface SuccessorParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Milliseconds for which streams of a node that stops stay listed. */
  readonly grace: number;
  /** Whether somebody is in the room here. */
  readonly isHere: (room: string) => boolean;
  readonly adopt: (room: string) => void;
}

/** Milliseconds between two looks. */
export const LOOK_FOR_ORPHANS = 5_000;
/**
 * Milliseconds, beyond the grace, after which a room that nobody claims has nobody in it: nodes that know better look
 * twice within that time.
 */
const NOBODY_IN_IT = 12_000;

export class Successor {
  readonly #parts: SuccessorParts;
  #linkedSince = 0;
  #cancel: () => void = () => {};

  constructor(parts: SuccessorParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#cancel = this.#parts.clock.schedule(() => this.#look(), LOOK_FOR_ORPHANS);
  }

  /** Others may be linked a little later: until then, what they speak for looks as if nobody did. */
  linked(): void {
    this.#linkedSince = this.#parts.clock.now();
  }

  stop(): void {
    this.#cancel();
  }

  async #look(): Promise<void> {
    const { ledger, clock, grace, isHere, adopt } = this.#parts;
    const orphans = ledger.isLinked ? await ledger.orphans().catch(() => []) : [];
    const linkedFor = clock.now() - this.#linkedSince;
    for (const { room, age } of orphans) {
      if (isHere(room) || Math.min(age, linkedFor) > grace + NOBODY_IN_IT) adopt(room);
    }
    this.start();
  }
}
