/** What the backplane asks of Redis, so that tests and the simulator can stand in between. */

export interface Connection {
  /** Settles, with why, when the connection is of no more use: after any error but a `KeyRefusal`, all of it is. */
  readonly lost: Promise<Error>;
  /** Ends it. What was asked and not answered fails. */
  destroy(why: Error): void;

  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channel: string): Promise<void>;

  /** @throws KeyRefusal where the key holds something else */
  readHash(key: string): Promise<Readonly<Record<string, string>>>;
  /**
   * Runs a Lua script, which happens as a whole or not at all. @throws KeyRefusal as above; of several keys Redis does not
   * say which one it is
   */
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
  /** What Redis does when its memory is full (`maxmemory-policy`); undefined where it does not say. */
  evictionPolicy(): Promise<string | undefined>;
}

/** Redis refuses a command because of what one key holds: that key is in trouble, and nothing else. */
export class KeyRefusal extends Error {
  /** Or keys, where it may be any of them. */
  readonly key: string;

  constructor(keys: readonly string[], why: string) {
    const key = keys.join(' or ');
    super(`${why} (key ${key})`);
    this.key = key;
  }
}

/** Whether an error that Redis has answered with is about the key alone: what it holds, or that it is just moving. */
export function isAboutKey(message: string): boolean {
  return /^(WRONGTYPE|ASK|TRYAGAIN) /.test(message);
}

export type OnMessage = (channel: string, message: string) => void;

/**
 * Opens a connection.
 * @param stop ends the attempt; a connection that is open does not heed it
 * @throws the first error, also when nothing answers in time
 */
export type Connect = (onMessage: OnMessage, stop: AbortSignal) => Promise<Connection>;
