/** A connection to the simulated Redis: two ordered ways there, and two back. */
import { type Connection, isAboutKey, KeyRefusal, type OnMessage } from '../src/backplane/connection';
import type { Network, Process, Way } from './network';
import type { Session } from './redis';

/** One socket: what is sent over it arrives in order. */
interface Socket {
  thereAt: number;
  backAt: number;
}

export class SimulatedConnection implements Connection {
  readonly lost: Promise<Error>;
  readonly way: Way;
  readonly #network: Network;
  readonly #process: Process;
  readonly #session: Session;
  readonly #commands: Socket = { thereAt: 0, backAt: 0 };
  readonly #subscriptions: Socket = { thereAt: 0, backAt: 0 };
  /** What was asked and not answered. */
  readonly #asked = new Set<(why: Error) => void>();
  #resolveLost: (why: Error) => void = () => {};
  #why: Error | undefined;
  #isSilent = false;
  #cancelPing: () => void = () => {};

  constructor(network: Network, process: Process, way: Way, onMessage: OnMessage) {
    this.#network = network;
    this.#process = process;
    this.way = way;
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
    this.#session = {
      channels: new Set(),
      deliver: (channel, message) => {
        for (let copies = network.copies(); copies > 0; copies--) {
          this.#back(this.#subscriptions, () => {
            if (this.#why === undefined) onMessage(channel, message);
          });
        }
      },
    };
    network.redis.sessions.add(this.#session);
    network.connections.add(this);
    this.#schedulePing();
  }

  get carries(): boolean {
    return !this.#isSilent;
  }

  destroy(why: Error): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    this.#cancelPing();
    this.#network.connections.delete(this);
    if (!this.#isSilent) this.#network.clock.schedule(() => this.#forget(), this.#network.latency());
    for (const fail of this.#asked) fail(why);
    this.#asked.clear();
    this.#resolveLost(why);
  }

  cut(): void {
    this.#forget();
    this.#isSilent = true;
    this.#process.run(() => this.destroy(new Error('the connection is cut')));
  }

  /** Redis finds out some day; here at once, since nobody could tell the difference. */
  silence(): void {
    this.#isSilent = true;
    this.#forget();
  }

  async subscribe(channels: readonly string[]): Promise<void> {
    await this.#ask(this.#subscriptions, () => {
      for (const channel of channels) this.#session.channels.add(channel);
    });
  }

  async unsubscribe(channel: string): Promise<void> {
    await this.#ask(this.#subscriptions, () => this.#session.channels.delete(channel));
  }

  readHash(key: string): Promise<Readonly<Record<string, string>>> {
    return this.#ask(this.#commands, () => this.#network.redis.readHash(key), [key]);
  }

  run(script: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#ask(this.#commands, () => this.#network.redis.run(script, keys, args), keys);
  }

  evictionPolicy(): Promise<string | undefined> {
    return this.#ask(this.#commands, () => this.#network.redis.policy);
  }

  /** As over the real one: a failed command ends the connection, unless it is about its key alone. */
  #ask<T>(socket: Socket, command: () => T, keys: readonly string[] = []): Promise<T> {
    if (this.#why !== undefined) return Promise.reject(this.#why);
    return new Promise((resolve, reject) => {
      this.#asked.add(reject);
      this.#there(socket, () => {
        const outcome = attempt(command);
        this.#back(socket, () => {
          if (!this.#asked.delete(reject)) return;
          const { error } = outcome;
          if (error === undefined) resolve(outcome.value);
          else if (keys.length > 0 && isAboutKey(error.message)) reject(new KeyRefusal(keys, error.message));
          else {
            reject(error);
            this.destroy(error);
          }
        });
      });
    });
  }

  #there(socket: Socket, task: () => void): void {
    const { clock, latency } = this.#network;
    socket.thereAt = Math.max(socket.thereAt, clock.now() + latency());
    clock.schedule(() => {
      if (this.#isSilent || this.way.blocked) return;
      this.#network.atRedis(() => {
        if (!this.#isSilent && this.#network.up) task();
      });
    }, socket.thereAt - clock.now());
  }

  #back(socket: Socket, task: () => void): void {
    const { clock, latency } = this.#network;
    socket.backAt = Math.max(socket.backAt, clock.now() + latency());
    clock.schedule(() => {
      if (!this.#isSilent && !this.way.blocked) this.#process.run(task);
    }, socket.backAt - clock.now());
  }

  #forget(): void {
    this.#network.redis.sessions.delete(this.#session);
  }

  #schedulePing(): void {
    this.#cancelPing = this.#process.clock.schedule(() => this.#ping(), this.#network.timing.ping);
  }

  #ping(): void {
    const { answer } = this.#network.timing;
    const silence = new Error(`Redis does not answer within ${answer} ms`);
    const cancel = this.#process.clock.schedule(() => this.destroy(silence), answer);
    this.#cancelPing = cancel;
    const pings = [this.#commands, this.#subscriptions].map((socket) => this.#ask(socket, () => {}));
    Promise.all(pings).then(
      () => {
        cancel();
        if (this.#why === undefined) this.#schedulePing();
      },
      () => cancel(),
    );
  }
}

function attempt<T>(command: () => T): { value: T; error: undefined } | { error: Error } {
  try {
    return { value: command(), error: undefined };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
