/** The keys of a key server, which are kept while it is out of reach. */
import { readAtMost } from './answer';
import { type Authority, problemOf } from './authority';
import type { FindKey, Jose } from './jose';

/** Milliseconds after which the keys are asked for again: a withdrawn key is good for so long at most. */
export const MAX_AGE = 10 * 60_000;
/** Milliseconds between two questions where the last one failed, or where tokens name keys that are not known. */
export const COOLDOWN = 10_000;
/** Bytes of the key server's answer; some have a few dozen keys, of half a kilobyte each. */
const MAX_ANSWER = 256 * 1024;

/** `jose` would forget its keys while the server is away, so when to ask again is decided here. */
const REMOTE_OPTIONS = {
  cacheMaxAge: Number.POSITIVE_INFINITY,
  cooldownDuration: Number.POSITIVE_INFINITY,
  /** Milliseconds. */
  timeoutDuration: 5_000,
};

type Found = Awaited<ReturnType<FindKey>>;

/** The token's key is not known, and the key server is unreachable, or may not be asked yet. */
export class KeysUnavailable extends Error {}

/** `jose` would read an answer of any length. */
async function fetchBounded(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  if (response.status !== 200) {
    await response.body?.cancel();
    return response;
  }
  const body = await readAtMost(response, MAX_ANSWER);
  if (body === undefined) throw new Error(`the answer is longer than ${MAX_ANSWER / 1024} KiB`);
  return new Response(body);
}

export class RemoteKeys {
  readonly #jose: Jose;
  readonly #keys: ReturnType<Jose['createRemoteJWKSet']>;
  readonly #server: Authority;
  readonly #now: () => number;
  #askedAt = Number.NEGATIVE_INFINITY;
  /** How often the key server has been asked. */
  #questions = 0;
  #known = false;
  #problem: string | undefined;

  /** @param now milliseconds from any fixed point */
  constructor(jose: Jose, url: string, server: Authority, now: () => number = () => performance.now()) {
    this.#jose = jose;
    this.#keys = jose.createRemoteJWKSet(new URL(url), {
      ...REMOTE_OPTIONS,
      [jose.customFetch]: fetchBounded,
    });
    this.#server = server;
    this.#now = now;
  }

  /** Asks the key server. Whoever comes while an answer is on its way shares it. Redirects are not followed. */
  async refresh(): Promise<void> {
    if (!this.#keys.reloading) {
      this.#askedAt = this.#now();
      this.#questions++;
    }
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
    const questions = this.#questions;
    const age = this.#now() - this.#askedAt;
    if (!this.#known || age >= (this.#problem === undefined ? MAX_AGE : COOLDOWN)) await this.refresh();
    if (!this.#known) throw new KeysUnavailable(this.#problem);
    return (await this.#findKnown(header, token)) ?? this.#findNew(questions, header, token);
  };

  /**
   * The key may be younger than what is known. Tokens that name keys at random make nobody ask more often.
   * @param questions how many there had been when the token came: only an answer to a later one is final
   */
  async #findNew(questions: number, ...token: Parameters<FindKey>): Promise<Found> {
    if (this.#keys.reloading || this.#now() - this.#askedAt >= COOLDOWN) await this.refresh();
    if (this.#problem !== undefined) throw new KeysUnavailable(this.#problem);
    const key = await this.#findKnown(...token);
    if (key !== undefined) return key;
    if (this.#questions > questions) throw new this.#jose.errors.JWKSNoMatchingKey();
    throw new KeysUnavailable('no known key fits, and the key server was asked a moment ago');
  }

  async #findKnown(...token: Parameters<FindKey>): Promise<Found | undefined> {
    try {
      return await this.#keys(...token);
    } catch (error) {
      if (error instanceof this.#jose.errors.JWKSNoMatchingKey) return undefined;
      throw error;
    }
  }
}
