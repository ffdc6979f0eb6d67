/**
 * A register that nodes share over Redis: one hash keeps it, and a channel of its own tells what is new. With each new link
 * both sides are brought together: so it outlives each node, and Redis, as long as one of them remembers.
 */
import type { Clock } from '../clock';
import { decodeEntry, type Entry, encodeEntry, type SharedRegister } from '../conference/register';
import type { Logger } from '../logging/limiter';
import { redisAddresses } from '../redis-addresses';
import type { Connect, Connection } from './connection';
import { Keys, type RegisterKeys } from './keys';
import { Link } from './link';
import { newNodeId } from './node-facts';
import { toError } from './problems';
import { RedisServers } from './redis-servers';
import { RECORD } from './scripts';
import { connectToSlot } from './slot-connection';
import { slotOfKey } from './slots';
import { defaultTiming } from './timing';

/** Characters of a message; an entry has fewer. */
const LONGEST = 300 * 1024;
/** Entries that are written at a time when both sides are brought together. */
const AT_A_TIME = 100;

export interface RedisRegisterSettings {
  readonly redisUrl: string;
  readonly redisPrefix: string;
  /** Names the register. */
  readonly topic: string;
}

/** The client library is loaded when it connects. */
export function redisRegister(
  { redisUrl, redisPrefix, topic }: RedisRegisterSettings,
  clock: Clock,
  logger: Logger,
): SharedRegister {
  const addresses = redisAddresses(redisUrl);
  const keys = new Keys(redisPrefix, addresses[0]?.database).register(topic);
  const servers = new RedisServers(`conference-host-${topic}-${newNodeId()}`, clock, defaultTiming);
  return new RedisRegister(connectToSlot(slotOfKey(keys.hash), addresses, servers), keys, clock, logger);
}

class RedisRegister implements SharedRegister {
  readonly #keys: RegisterKeys;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #link: Link;
  /** What Redis has kept for too long. */
  readonly #over = new Set<string>();
  /** What was told, and is not known to have arrived. */
  readonly #lacking = new Set<string>();
  #known: () => Iterable<readonly [string, Entry]> = () => [];
  #hear: (key: string, entry: Entry) => void = () => {};
  /** The link is live for the first time, or cannot be had now. */
  #onStarted: () => void = () => {};

  constructor(connect: Connect, keys: RegisterKeys, clock: Clock, logger: Logger) {
    this.#keys = keys;
    this.#clock = clock;
    this.#logger = logger;
    this.#link = new Link({
      ...{ connect, clock, timing: defaultTiming, random: Math.random },
      onMessage: (_channel, message) => this.#linkOnMessage(message),
      sync: (connection) => this.#sync(connection),
      onLive: () => this.#onStarted(),
      onDown: (why) => {
        this.#failed(why);
        this.#onStarted();
      },
    });
  }

  start(
    known: () => Iterable<readonly [string, Entry]>,
    hear: (key: string, entry: Entry) => void,
  ): Promise<void> {
    this.#known = known;
    this.#hear = hear;
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(resolve, defaultTiming.start);
      this.#onStarted = () => {
        cancel();
        resolve();
      };
      void this.#link.run();
    });
  }

  tell(key: string, entry: Entry, forgotten: readonly string[]): Promise<boolean> {
    const { connection, isLive } = this.#link;
    this.#lacking.add(key);
    if (connection === undefined) return Promise.resolve(false);
    const over = [...this.#over, ...forgotten];
    this.#over.clear();
    for (const other of forgotten) this.#lacking.delete(other);
    const recorded = this.#record(connection, key, entry, over).then(
      () => isLive,
      (error) => {
        this.#failed(toError(error));
        return false;
      },
    );
    return this.#inTime(recorded);
  }

  keeps(key: string): boolean {
    return this.#link.isLive && !this.#lacking.has(key);
  }

  stop(): void {
    this.#link.stop();
    this.#onStarted();
  }

  /** What is heard while this goes on is newer than what is read, or the same. */
  async #sync(connection: Connection): Promise<void> {
    await connection.subscribe([this.#keys.channel]);
    const stored = await connection.readHash(this.#keys.hash);
    const now = Date.now();
    for (const [key, text] of Object.entries(stored)) {
      const entry = decodeEntry(text);
      if (entry === undefined) continue;
      if (entry.kept > now) this.#hear(key, entry);
      else this.#over.add(key);
    }
    this.#lacking.clear();
    const lacking = [...this.#known()].filter(
      ([key, entry]) => entry.kept > now && stored[key] !== encodeEntry(entry),
    );
    for (let at = 0; at < lacking.length; at += AT_A_TIME) {
      const some = lacking.slice(at, at + AT_A_TIME);
      await Promise.all(some.map(([key, entry]) => this.#record(connection, key, entry, [])));
    }
  }

  async #record(connection: Connection, key: string, entry: Entry, over: readonly string[]): Promise<void> {
    const text = encodeEntry(entry);
    const now = Date.now();
    const { hash, channel } = this.#keys;
    const times = [entry.stamp, Math.max(1, entry.kept - now), now].map(String);
    await connection.run(
      RECORD,
      [hash],
      [key, text, ...times, channel, JSON.stringify([key, text]), ...over],
    );
    this.#lacking.delete(key);
  }

  /** Whoever has given the order waits for the answer; false where it takes too long. */
  #inTime(recorded: Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#clock.schedule(() => resolve(false), defaultTiming.start);
      void recorded.then((isRecorded) => {
        cancel();
        resolve(isRecorded);
      });
    });
  }

  /** The backplane says the same louder: it has lost the same Redis. */
  #failed(why: Error): void {
    this.#logger.debug({ err: why, key: this.#keys.hash }, 'policies: not connected to Redis');
  }

  #linkOnMessage(message: string): void {
    const [key, text] = message.length > LONGEST ? [] : parts(message);
    const entry = decodeEntry(text);
    if (typeof key === 'string' && entry !== undefined) this.#hear(key, entry);
  }
}

function parts(message: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(message);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
