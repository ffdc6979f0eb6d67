/**
 * The link to Redis and its states: connecting → syncing → live → degraded → connecting …
 * While it is down, the node serves its own members as ever.
 */
import type { Clock } from '../clock';
import type { Connect, Connection, OnMessage } from './connection';
import { toError } from './problems';
import type { Timing } from './timing';

export interface LinkParts {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly timing: Timing;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly onMessage: OnMessage;
  /** Brings this node and Redis to the same state over a new connection. @throws when that fails */
  readonly sync: (connection: Connection) => Promise<void>;
  /** Everything is in sync. */
  readonly onLive: (connection: Connection) => void;
  /** The connection is lost, or could not be made; another one is tried soon. */
  readonly onDown: (why: Error, wasLive: boolean) => void;
}

export class Link {
  readonly #parts: LinkParts;
  #connection: Connection | undefined;
  #isLive = false;
  /** Attempts since it was live last. */
  #attempts = 0;
  readonly #stop = new AbortController();
  #wake: () => void = () => {};

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  /** The connection that is being synced or live. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** What is said and heard over the connection is all there is. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Connects, and again whenever the connection is lost, until it is stopped. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const why = await this.#useConnection();
      const wasLive = this.#isLive;
      this.#isLive = false;
      if (this.#stopped) return;
      this.#parts.onDown(why, wasLive);
      await this.#pause();
    }
  }

  stop(): void {
    const why = new Error('the node stops');
    this.#stop.abort(why);
    this.#connection?.destroy(why);
    this.#wake();
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  /** @returns why it ended */
  async #useConnection(): Promise<Error> {
    const { connect, onMessage, sync, onLive } = this.#parts;
    let connection: Connection | undefined;
    try {
      connection = await connect(onMessage, this.#stop.signal);
      this.#stop.signal.throwIfAborted();
      this.#connection = connection;
      await sync(connection);
      this.#stop.signal.throwIfAborted();
      this.#isLive = true;
      onLive(connection);
      this.#attempts = 0;
    } catch (error) {
      const why = toError(error);
      connection?.destroy(why);
      if (connection === undefined) return why;
    }
    const why = await connection.lost;
    this.#connection = undefined;
    return why;
  }

  #pause(): Promise<void> {
    const { clock, timing, random } = this.#parts;
    const spread = timing.retrySpread * 2 ** Math.min(this.#attempts, 16);
    this.#attempts++;
    const delay = Math.min(timing.retry + random() * spread, timing.retryMost);
    return new Promise((resolve) => {
      const cancel = clock.schedule(resolve, delay);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
