/**
 * Stands in for `RedisServers`: what is asked of Redis is written down, and the test says what comes back.
 * `jest.mock('../../src/backplane/redis-servers', () => ({ RedisServers: FakeServers }))`
 */
import type { Connect, Connection, OnMessage } from '../../src/backplane/connection';
import { TELL } from '../../src/backplane/scripts';
import type { RedisAddress } from '../../src/redis-addresses';

export interface Call {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

export class FakeLink implements Connection {
  readonly place: string;
  readonly channels = new Set<string>();
  readonly calls: Call[] = [];
  readonly lost: Promise<Error>;
  /** Why it was ended. */
  why: string | undefined;
  readonly #onMessage: OnMessage;
  #lose: (why: Error) => void = () => {};

  constructor(place: string, onMessage: OnMessage) {
    this.place = place;
    this.#onMessage = onMessage;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  destroy(why: Error): void {
    this.why ??= why.message;
    this.channels.clear();
    this.#lose(why);
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.channels.add(channel);
  }

  async unsubscribe(channel: string): Promise<void> {
    this.channels.delete(channel);
  }

  readHash(key: string): Promise<Readonly<Record<string, string>>> {
    return fakeRedis.readHash(key);
  }

  async run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const call = { script, keys, args };
    this.calls.push(call);
    if (script === TELL) for (const link of fakeRedis.links) link.hear(keys[0] ?? '', args[0] ?? '');
    return fakeRedis.reply(call);
  }

  async evictionPolicy(): Promise<undefined> {}

  hear(channel: string, text: string): void {
    if (this.channels.has(channel)) this.#onMessage(channel, text);
  }
}

/** What a test says of Redis, and sees of it. */
export const fakeRedis = {
  /** The names that were given to connections. */
  names: [] as string[],
  links: [] as FakeLink[],
  /** Before a connection is made; it may fail, or never end. */
  connecting: async (_place: string): Promise<void> => {},
  reply: async (_call: Call): Promise<unknown> => 1,
  readHash: async (_key: string): Promise<Readonly<Record<string, string>>> => ({}),
  reset(): void {
    Object.assign(fakeRedis, {
      names: [],
      links: [],
      connecting: async () => {},
      reply: async () => 1,
      readHash: async () => ({}),
    });
  },
};

export class FakeServers {
  constructor(name: string) {
    fakeRedis.names.push(name);
  }

  connectTo({ place }: RedisAddress): Connect {
    return async (onMessage) => {
      await fakeRedis.connecting(place);
      const link = new FakeLink(place, onMessage);
      fakeRedis.links.push(link);
      return link;
    };
  }

  async askForMap(): Promise<never> {
    throw new Error('there is no cluster');
  }
}

/** All that has been begun and needs no time is done. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
