/**
 * News between nodes over Redis: on a channel and over connections of its own, so that neither a flood of rosters nor
 * one of news delays the other. What is lost is lost: whoever needs it finds out by itself.
 */
import type { Clock } from '../clock';
import type { News } from '../conference/backplane';
import type { Logger } from '../logging/limiter';
import { redisAddresses } from '../redis-addresses';
import type { Connect } from './connection';
import { Keys } from './keys';
import { Link } from './link';
import { newNodeId } from './node-facts';
import { toError } from './problems';
import { RedisServers } from './redis-servers';
import { TELL } from './scripts';
import { connectToSlot } from './slot-connection';
import { slotOfKey } from './slots';
import { defaultTiming } from './timing';

/** Characters; what is longer is not worth its way, and every node finds out by itself. */
const LONGEST = 1 << 20;

export interface RedisNewsSettings {
  readonly redisUrl: string;
  readonly redisPrefix: string;
  /** Names the channel. */
  readonly topic?: string;
  /** For tests: a hand on the connection. */
  readonly wrap?: (connect: Connect) => Connect;
}

/** The client library is loaded when it connects. */
export function redisNews(
  { redisUrl, redisPrefix, topic = 'news', wrap = (connect) => connect }: RedisNewsSettings,
  clock: Clock,
  logger: Logger,
): News {
  const self = newNodeId();
  const addresses = redisAddresses(redisUrl);
  const channel = new Keys(redisPrefix, addresses[0]?.database).topic(topic);
  const servers = new RedisServers(`conference-host-${topic}-${self}`, clock, defaultTiming);
  const connect = wrap(connectToSlot(slotOfKey(channel), addresses, servers));
  return new RedisNews(self, connect, channel, clock, logger);
}

class RedisNews implements News {
  readonly #self: string;
  readonly #channel: string;
  readonly #logger: Logger;
  readonly #link: Link;
  #listener: (text: string) => void = () => {};
  #onLink: () => void = () => {};

  constructor(self: string, connect: Connect, channel: string, clock: Clock, logger: Logger) {
    this.#self = `${self} `;
    this.#channel = channel;
    this.#logger = logger;
    this.#link = new Link({
      ...{ connect, clock, timing: defaultTiming, random: Math.random },
      onMessage: (_channel, message) => this.#linkOnMessage(message),
      sync: (connection) => connection.subscribe([channel]),
      onLive: () => {
        logger.debug({ channel }, 'news: connected to Redis');
        this.#onLink();
      },
      onDown: (why) => this.#failed(why),
    });
  }

  onNews(listener: (text: string) => void, onLink: () => void = () => {}): void {
    this.#listener = listener;
    this.#onLink = onLink;
    void this.#link.run();
  }

  tell(text: string): void {
    if (text.length > LONGEST) return;
    const told = this.#link.connection?.run(TELL, [this.#channel], [this.#self + text]);
    told?.catch((error) => this.#failed(toError(error)));
  }

  stop(): void {
    this.#link.stop();
  }

  /** The backplane says the same louder: it has lost the same Redis. */
  #failed(why: Error): void {
    this.#logger.debug({ err: why, channel: this.#channel }, 'news: not connected to Redis');
  }

  #linkOnMessage(message: string): void {
    if (message.length > LONGEST + this.#self.length || message.startsWith(this.#self)) return;
    this.#listener(message.slice(this.#self.length));
  }
}
