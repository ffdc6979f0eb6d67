/** A host by a manual clock that asks the stand-in of Red5 which streams are live. */
import { setImmediate as turn } from 'node:timers/promises';
import { ConferenceHost, type HostOptions } from '../../src/host';
import type { HostOverrides } from '../../src/parts';
import { TestClient } from './client';
import { joinTarget } from './join-target';
import { ManualClock } from './manual-clock';
import { postHint, type Red5 } from './red5';

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

/** Lets time pass in small steps, and whatever is asked meanwhile be answered. */
export async function pass(clock: ManualClock, red5: Red5, seconds: number): Promise<void> {
  for (let step = 0; step < seconds * 20; step++) {
    clock.advance(50);
    await settle(red5);
  }
}

/** Until nothing more is asked or answered. Loopback loses no time: what is under way moves on with each turn. */
export async function settle(red5: Red5): Promise<void> {
  let asked = red5.asked;
  for (let idle = 0; idle < 12; idle++) {
    await turn();
    if (red5.asked !== asked) idle = 0;
    asked = red5.asked;
  }
}
