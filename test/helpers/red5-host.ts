/** A host by a manual clock that asks the stand-in of Red5 which streams are live. */
import { ConferenceHost, type HostOptions } from '../../src/host';
import type { HostOverrides } from '../../src/parts';
import { TestClient } from './client';
import { joinTarget } from './join-target';
import { ManualClock } from './manual-clock';
import { postHint } from './red5';

export interface Red5Host {
  readonly host: ConferenceHost;
  readonly clock: ManualClock;
  readonly port: number;
  join(room: string, streamName: string): TestClient;
  published(guid: string): Promise<number>;
  unpublished(guid: string): Promise<number>;
}

const running: ConferenceHost[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((host) => host.closeNow()));
});

export async function startRed5Host(
  options: HostOptions,
  overrides: HostOverrides & { readonly clock?: ManualClock } = {},
): Promise<Red5Host> {
  const clock = overrides.clock ?? new ManualClock();
  const host = new ConferenceHost({ port: 0, host: '127.0.0.1', ...options }, { ...overrides, clock });
  running.push(host);
  const { port } = await host.start();
  return {
    ...{ host, clock, port },
    join: (room, streamName) => new TestClient(`ws://127.0.0.1:${port}${joinTarget(room, streamName)}`),
    published: (guid) => postHint(port, 'stream-published', guid),
    unpublished: (guid) => postHint(port, 'stream-unpublished', guid),
  };
}
