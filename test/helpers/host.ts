/** Starts a host on a free port, and closes it when the test is over. */
import type { ClientOptions } from 'ws';
import { type ConferenceHost, createConferenceHost, type HostOptions } from '../../src/index';
import { TestClient } from './client';
import { joinTarget } from './join-target';

import { RawClient } from './raw-client';

export { joinTarget } from './join-target';

export interface TestHost {
  readonly host: ConferenceHost;
  readonly port: number;
  /** Opens a WebSocket with a request target of the test's own. */
  open(target: string, protocols?: string[], options?: ClientOptions): TestClient;
  /** Joins a room, and waits for the first roster, which must list the newcomer. */
  join(room: string, streamName: string): Promise<TestClient>;
  /** Opens a TCP connection. */
  raw(): Promise<RawClient>;
}

const running: ConferenceHost[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((host) => host.close()));
});

export async function startHost(options: HostOptions = {}): Promise<TestHost> {
  const host = createConferenceHost({ port: 0, host: '127.0.0.1', ...options });
  running.push(host);
  const { port } = await host.start();
  const scheme = (options.tlsCert ?? options.tls) === undefined ? 'ws' : 'wss';
  const open: TestHost['open'] = (target, protocols, clientOptions) =>
    new TestClient(`${scheme}://127.0.0.1:${port}${target}`, protocols, {
      rejectUnauthorized: false,
      ...clientOptions,
    });
  return {
    host,
    port,
    open,
    join: async (room, streamName) => {
      const client = open(joinTarget(room, streamName));
      const { streams } = await client.next();
      if (!streams.includes(streamName))
        throw new Error(`${streamName} is not in ${JSON.stringify(streams)}`);
      return client;
    },
    raw: () => RawClient.connect(port),
  };
}
