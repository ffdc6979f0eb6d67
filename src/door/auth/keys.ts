/** The keys of a key server, which are kept while it is out of reach. */
import { type Authority, problemOf } from './authority';
import type { FindKey, Jose } from './jose';

/** Milliseconds after which the keys are asked for again: a withdrawn key is good for so long at most. */
export const MAX_AGE = 10 * 60_000;
/** Milliseconds between two questions where the last one failed, or where tokens name keys that are not known. */
export const COOLDOWN = 10_000;

/** `jose` would forget its keys while the server is away, so when to ask again is decided here. */
const REMOTE_OPTIONS = {
  cacheMaxAge: Number.POSITIVE_INFINITY,
  cooldownDuration: Number.POSITIVE_INFINITY,
  /** Milliseconds. */
  timeoutDuration: 5_000,
};

/** The token's key is not known, and the key server cannot be asked for it. */
export class KeysUnavailable extends Error {}

export class RemoteKeys {
  readonly #jose: Jose;
  readonly #keys: ReturnType<Jose['createRemoteJWKSet']>;
  readonly #server: Authority;
  readonly #now: () => number;
  #askedAt = Number.NEGATIVE_INFINITY;
  #known = false;
  #problem: string | undefined;

  /** @param now milliseconds from any fixed point */
  constructor(jose: Jose, url: string, server: Authority, now: () => number = () => performance.now()) {
    this.#jose = jose;
    this.#keys = jose.createRemoteJWKSet(new URL(url), REMOTE_OPTIONS);
    this.#server = server;
    this.#now = now;
  }

  /** Asks the key server. Whoever comes while an answer is on its way shares it. Redirects are not followed. */
  async refresh(): Promise<void> {
    if (!this.#keys.reloading) this.#askedAt = this.#now();
    try {
      await this.#keys.reload();
      this.#known = true;
      this.#problem = undefined;
      this.#server.answered();
    } catch (error) {
      this.#problem = problemOf(error);
      this.#server.failed(this.#problem);
    }
  }

  /**
   * The key that a token names.
   * @throws KeysUnavailable
   * @throws the errors of `jose` for keys that do not fit or are not there
   */
  readonly find: FindKey = async (header, token) => {
    const age = this.#now() - this.#askedAt;
    if (!this.#known || age >= (this.#problem === undefined ? MAX_AGE : COOLDOWN)) await this.refresh();
    if (!this.#known) throw new KeysUnavailable(this.#problem);
    try {
      return await this.#keys(header, token);
    } catch (error) {
      if (!(error instanceof this.#jose.errors.JWKSNoMatchingKey)) throw error;
      return this.#findNew(header, token);
    }
  };

  /** The key may be younger than what is known. Tokens that name keys at random make nobody ask more often. */
  readonly #findNew: FindKey = async (header, token) => {
    if (this.#keys.reloading || this.#now() - this.#askedAt >= COOLDOWN) await this.refresh();
    if (this.#problem !== undefined) throw new KeysUnavailable(this.#problem);
    return this.#keys(header, token);
  };
}
