/** What handshakes were refused with lately: a page learns nothing of it but 1006, and asks afterwards. */
import type { Events } from '../events';

/** Addresses. */
const KEPT = 256;
/** Milliseconds. */
const LATELY = 30_000;

interface Refused {
  readonly name: string;
  readonly at: number;
}

export class LastRefusals {
  /** By address, the oldest first. */
  readonly #refused = new Map<string, Refused>();

  constructor(events: Events) {
    events.on('refused', ({ name, code, address }) => {
      const isReadable = code >= 1000;
      if (isReadable) return;
      this.#refused.delete(address);
      this.#refused.set(address, { name, at: Date.now() });
      const [oldest] = this.#refused.keys();
      if (this.#refused.size > KEPT && oldest !== undefined) this.#refused.delete(oldest);
    });
  }

  /** The name of the last HTTP refusal to this address; undefined if there was none lately. */
  of(address: string): string | undefined {
    const refused = this.#refused.get(address);
    return refused !== undefined && Date.now() - refused.at < LATELY ? refused.name : undefined;
  }
}
