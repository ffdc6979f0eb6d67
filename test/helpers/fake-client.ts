/**
 * Stands in for `@redis/client`: what is asked of it is written down, and the test says what comes back.
 * `jest.mock('@redis/client', () => ({ createClient: jest.requireActual('../helpers/fake-client').createFakeClient }))`
 */
import { EventEmitter } from 'node:events';

type Listener = (message: string, channel: string) => void;

export class FakeClient extends EventEmitter {
  readonly options: { readonly url?: string };
  readonly asked: unknown[][] = [];
  destroyed = 0;
  listener: Listener = () => {};

  constructor(options: { readonly url?: string }) {
    super();
    this.options = options;
  }

  connect = () => this.#ask('connect');
  ping = () => this.#ask('ping');
  hGetAll = (key: string) => this.#ask('hGetAll', key);
  sendCommand = (command: string[]) => this.#ask(...command);

  sSubscribe(channels: string[], listener: Listener) {
    this.listener = listener;
    return this.#ask('sSubscribe', ...channels);
  }

  sUnsubscribe(channel: string, listener: Listener) {
    return this.#ask('sUnsubscribe', channel, listener === this.listener);
  }

  destroy(): void {
    this.destroyed++;
  }

  async #ask(...what: unknown[]): Promise<unknown> {
    this.asked.push(what);
    return fakeClients.reply(what, this.options.url ?? '');
  }
}

export const fakeClients = {
  /** Two for each connection: commands first, then subscriptions. */
  made: [] as FakeClient[],
  reply: async (_what: readonly unknown[], _url: string): Promise<unknown> => 'OK',
  reset(): void {
    fakeClients.made = [];
    fakeClients.reply = async () => 'OK';
  },
};

export function createFakeClient(options: { readonly url?: string }): FakeClient {
  const client = new FakeClient(options);
  fakeClients.made.push(client);
  return client;
}
