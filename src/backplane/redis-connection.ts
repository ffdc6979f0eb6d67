/**
 * A connection to Redis or Valkey, made of two sockets: one for commands, one for subscriptions. It is disposable:
 * the client is told not to come back by itself, since it does not notice a frozen Redis and its way back fails
 * with many subscriptions. Whoever holds the connection makes a new one.
 */
import { createHash } from 'node:crypto';
import type { RedisClientOptions, RedisClientType } from '@redis/client';
import type { Clock } from '../clock';
import { type Connect, type Connection, isAboutKey, KeyRefusal, type OnMessage } from './connection';
import { IN_CLUSTER, toError } from './problems';
import type { Timing } from './timing';

export interface RedisTarget {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  readonly url: string;
  /** The name that Redis shows for the connections (`CLIENT LIST`). */
  readonly name: string;
  /** Where it is a primary of a Redis Cluster. */
  readonly cluster?: {
    /** Channels are with another primary now: messages of them do not come here any more. */
    readonly onMoved: () => void;
  };
}

/** How the client is set up: it neither comes back by itself, nor keeps what it cannot send. */
function clientOptions({ url, name }: RedisTarget, timing: Timing): RedisClientOptions {
  return {
    url,
    name,
    socket: { reconnectStrategy: false, connectTimeout: timing.answer },
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // The pings below watch over all commands; a timer for each of them would cost more than the command.
    commandOptions: { timeout: 0 },
  };
}

/** Makes connections to the Redis at this address. The client library is loaded with the first one. */
export function redisConnect(
  target: RedisTarget,
  clock: Clock,
  timing: Timing,
): (...parameters: Parameters<Connect>) => Promise<RedisConnection> {
  return async (onMessage, stop) => {
    const { createClient } = await import('@redis/client');
    stop.throwIfAborted();
    const newClient = () => createClient(clientOptions(target, timing)) as RedisClientType;
    const connection = new RedisConnection(
      newClient(),
      newClient(),
      onMessage,
      clock,
      timing,
      target.cluster,
    );
    await connection.open(stop);
    return connection;
  };
}

export class RedisConnection implements Connection {
  readonly lost: Promise<Error>;
  readonly #commands: RedisClientType;
  readonly #subscriptions: RedisClientType;
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #onMessage: (message: string, channel: string) => void;
  readonly #cluster: RedisTarget['cluster'];
  /** Of the scripts that Redis knows. */
  readonly #hashes = new Map<string, string>();
  #why: Error | undefined;
  #cancelPing: (() => void) | undefined;
  #resolveLost: (why: Error) => void = () => {};

  constructor(
    commands: RedisClientType,
    subscriptions: RedisClientType,
    onMessage: OnMessage,
    clock: Clock,
    timing: Timing,
    cluster: RedisTarget['cluster'],
  ) {
    this.#cluster = cluster;
    this.#commands = commands;
    this.#subscriptions = subscriptions;
    this.#clock = clock;
    this.#timing = timing;
    this.#onMessage = (message, channel) => onMessage(channel, message);
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    for (const client of [commands, subscriptions]) {
      client.on('error', (error: Error) => this.destroy(error));
      client.on('connect', () => this.#clientOnConnect());
    }
    if (cluster !== undefined) subscriptions.on('sharded-channel-moved', cluster.onMoved);
  }

  /** @throws why it cannot be opened, also when nothing answers in time */
  async open(stop: AbortSignal): Promise<void> {
    const onStop = () => this.destroy(toError(stop.reason));
    stop.addEventListener('abort', onStop);
    const cancel = this.#clock.schedule(() => this.destroy(this.#silence()), this.#timing.answer);
    try {
      const connected = Promise.all([this.#commands.connect(), this.#subscriptions.connect()]);
      await Promise.race([connected, this.lost]);
    } catch (error) {
      this.destroy(toError(error));
    } finally {
      cancel();
      stop.removeEventListener('abort', onStop);
    }
    if (this.#why !== undefined) throw this.#why;
    this.#schedulePing();
  }

  destroy(why: Error): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    this.#cancelPing?.();
    this.#destroyClients();
    this.#resolveLost(why);
  }

  #destroyClients(): void {
    this.#commands.destroy();
    this.#subscriptions.destroy();
  }

  /**
   * A client that was destroyed before its socket was connected waits on it for ever (@redis/client 6.3.1): it is
   * destroyed once more. Where the socket does not connect (with `rediss://`: finish the TLS handshake), the client gives
   * it up by itself when the time to answer is up.
   */
  #clientOnConnect(): void {
    if (this.#why !== undefined) this.#destroyClients();
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    if (channels.length === 0) return;
    // A cluster takes channels of one slot at a time.
    const commands = this.#cluster === undefined ? [[...channels]] : channels.map((channel) => [channel]);
    const subscribed = commands.map((command) => this.#subscriptions.sSubscribe(command, this.#onMessage));
    await this.#guard(Promise.all(subscribed));
  }

  /** Naming the listener matters: without it the client loses a subscription that follows at once. */
  async unsubscribe(channel: string): Promise<void> {
    await this.#guard(this.#subscriptions.sUnsubscribe(channel, this.#onMessage));
  }

  readHash(key: string): Promise<Readonly<Record<string, string>>> {
    return this.#guard(this.#commands.hGetAll(key), [key]);
  }

  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#guard(this.#evaluate(script, [String(keys.length), ...keys, ...args]), keys);
  }

  /**
   * The most frequent of all, without what the client's typed command adds to it. A script's text goes over the
   * connection once, and its hash after that, unless Redis has forgotten the script.
   */
  async #evaluate(script: string, parameters: readonly string[]): Promise<unknown> {
    const hash = this.#hashes.get(script);
    const whole = ['EVAL', script, ...parameters];
    if (hash !== undefined) {
      return this.#commands.sendCommand(['EVALSHA', hash, ...parameters]).catch((error: Error) => {
        if (!error.message.startsWith('NOSCRIPT')) throw error;
        return this.#commands.sendCommand(whole);
      });
    }
    const reply = await this.#commands.sendCommand(whole);
    this.#hashes.set(script, createHash('sha1').update(script).digest('hex'));
    return reply;
  }

  /** Not everybody may ask, and not every Redis answers: that is no failure. @throws where it is a cluster's, unexpectedly */
  async evictionPolicy(): Promise<string | undefined> {
    const asked = this.#commands.sendCommand(['INFO', 'server', 'memory']).catch(textOfRefusal);
    const reply = await this.#guard(asked);
    if (this.#cluster === undefined && /^redis_mode:cluster/m.test(String(reply))) {
      this.destroy(new Error(IN_CLUSTER));
      throw this.#why;
    }
    return /^maxmemory_policy:([\w-]+)/m.exec(String(reply))?.[1];
  }

  /** Who has which slot, as `CLUSTER SLOTS` tells it. */
  slots(): Promise<unknown> {
    return this.#guard(this.#commands.sendCommand(['CLUSTER', 'SLOTS']));
  }

  /**
   * Any failed command ends the connection, since what Redis holds for this node is not certain any more, unless Redis
   * has refused it for what the key holds.
   */
  async #guard<T>(reply: Promise<T>, keys: readonly string[] = []): Promise<T> {
    try {
      return await reply;
    } catch (thrown) {
      const error = toError(thrown);
      if (keys.length > 0 && this.#why === undefined && isAboutKey(error.message))
        throw new KeyRefusal(keys, error.message);
      this.destroy(error);
      throw this.#why;
    }
  }

  #schedulePing(): void {
    this.#cancelPing = this.#clock.schedule(() => this.#ping(), this.#timing.ping);
  }

  /** Replies come in order, so an answered ping says that all before it was answered too. */
  async #ping(): Promise<void> {
    const cancel = this.#clock.schedule(() => this.destroy(this.#silence()), this.#timing.answer);
    this.#cancelPing = cancel;
    try {
      await Promise.all([this.#commands.ping(), this.#subscriptions.ping()]);
      if (this.#why === undefined) this.#schedulePing();
    } catch (error) {
      this.destroy(toError(error));
    } finally {
      cancel();
    }
  }

  #silence(): Error {
    return new Error(`Redis does not answer within ${this.#timing.answer} ms`);
  }
}

/** What Redis answers to those who may not ask. @throws any other error */
function textOfRefusal(error: unknown): string {
  const { message } = toError(error);
  if (/^NOPERM|^ERR/.test(message)) return message;
  throw error;
}
