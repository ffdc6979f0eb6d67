/** A limit per second and address. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Share, sharesOf } from '../listening/networks';
import type { HttpRefusal } from './refusals';

export class RateLimit {
  readonly #perSecond: number;
  /** By multiple of the rate: larger networks may use more. */
  readonly #limiters = new Map<number, RateLimiterMemory>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @returns the refusal if over the limit; undefined, not a promise, if no limit applies */
  check(address: string, refusal: HttpRefusal): Promise<HttpRefusal | undefined> | undefined {
    const shares = sharesOf(address);
    if (shares.length === 0) return undefined;
    return this.#consumeAll(shares).then(
      () => undefined,
      () => refusal,
    );
  }

  /** One after the other, so that an address over its limit does not use up its network's. */
  async #consumeAll(shares: readonly Share[]): Promise<void> {
    for (const { key, times } of shares) await this.#limiter(times).consume(key);
  }

  #limiter(times: number): RateLimiterMemory {
    const known = this.#limiters.get(times);
    if (known !== undefined) return known;
    const limiter = new RateLimiterMemory({ points: this.#perSecond * times, duration: 1 });
    this.#limiters.set(times, limiter);
    return limiter;
  }
}
