/** How often one address may ask for something in a second. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { type Share, sharesOf } from '../listening/networks';
import type { HttpRefusal } from './refusals';

export class RateLimit {
  readonly #perSecond: number;
  /** One for each multiple of the rate that networks of some size may have. */
  readonly #limiters = new Map<number, RateLimiterMemory>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** @returns the refusal where it is once too often; nothing to wait for where no limit applies */
  check(address: string, refusal: HttpRefusal): Promise<HttpRefusal | undefined> | undefined {
    const shares = sharesOf(address);
    if (shares.length === 0) return undefined;
    return this.#consumeAll(shares).then(
      () => undefined,
      () => refusal,
    );
  }

  /** In turn, so that what is refused to an address does not use up what its network may have. */
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
