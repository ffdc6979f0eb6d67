/** What the backplane asks of Redis, so that tests can stand in between. */

export interface Connection {
  /** Settles, with why, when the connection is of no more use: after any error, all of it is. */
  readonly lost: Promise<Error>;
  /** Ends it. What was asked and not answered fails. */
  destroy(why: Error): void;

  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  publish(channel: string, message: string): Promise<void>;

  /** Stores a field and publishes the same text, in this order. @returns whether the field is a new one */
  storeAndPublish(key: string, field: string, channel: string, text: string): Promise<boolean>;
  readHash(key: string): Promise<Readonly<Record<string, string>>>;
  /** @returns whether the field is a new one */
  setField(key: string, field: string, value: string): Promise<boolean>;
  deleteFields(key: string, fields: readonly string[]): Promise<void>;
  expire(key: string, milliseconds: number): Promise<void>;
  removeFromSet(key: string, member: string): Promise<void>;
  /** Runs a Lua script. */
  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

export type OnMessage = (channel: string, message: string) => void;

/**
 * Opens a connection.
 * @param stop ends the attempt; a connection that is open does not heed it
 * @throws the first error, also when nothing answers in time
 */
export type Connect = (onMessage: OnMessage, stop: AbortSignal) => Promise<Connection>;
