/** The client library as it is built for pages, whose inner names are shortened, beside the one for bundlers. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import type * as client from '../../src/client/index';
import { FakeSocket } from '../helpers/fake-socket';

beforeEach(() => {
  jest.useFakeTimers();
  FakeSocket.all.length = 0;
});

afterEach(() => jest.useRealTimers());

function load(file: string): typeof client {
  const text = readFileSync(join(__dirname, '..', '..', 'dist', 'client', file), 'utf8');
  const { code } = transformSync(text, { format: 'cjs' });
  const loaded = { exports: {} };
  new Function('module', code)(loaded);
  return loaded.exports as typeof client;
}

/** All that a room asks for, says, and shows. */
async function story(file: string): Promise<unknown[]> {
  const { joinRoom } = load(file);
  const room = joinRoom('wss://host', {
    ...{ room: 'room', streamName: 'anna', token: 'secret', observe: true, WebSocket: FakeSocket },
    ...{ metadata: { muted: true }, tellMetadata: true, grace: 1_000 },
  });
  const events: unknown[] = [];
  for (const type of [
    'open',
    'roster',
    'metadata',
    'refused',
    'message',
    'reconnecting',
    'closed',
  ] as const) {
    room.addEventListener(type, (event) => {
      // Without what is only Node's, and without chance.
      const { delay, isTrusted, ...told } = JSON.parse(JSON.stringify(event));
      events.push({ type, ...told });
    });
  }
  const show = () => {
    const { state, streams, awaited, metadata } = room;
    events.push({ state, streams, awaited, metadata: Object.fromEntries(metadata) });
  };
  await jest.advanceTimersByTimeAsync(0);
  const first = FakeSocket.at(0);
  first.hearFirst(['anna', 'ben'], { metadata: { ben: { hand: true } }, expires: 600_000 });
  first.hearFrame({
    type: 'changes',
    seq: 2,
    left: ['anna'],
    joined: ['carl'],
    metadata: { carl: { seat: 1 } },
  });
  first.hearFrame({ type: 'refused', reason: 'why' });
  first.hearFrame({ type: 'message', message: { any: ['json'] } });
  show();
  room.setMetadata({ muted: false });
  first.hearFrame({ type: 'changes', seq: 4, joined: ['dora'] });
  await jest.advanceTimersByTimeAsync(20_000);
  show();
  FakeSocket.at(1).hearFirst(['anna']);
  FakeSocket.at(1).hearFrame({ type: 'goodbye', wait: 100 });
  await jest.advanceTimersByTimeAsync(1_000);
  FakeSocket.at(1).lose(1001);
  await jest.advanceTimersByTimeAsync(100);
  FakeSocket.at(2).lose(4403);
  show();
  const sockets = FakeSocket.all
    .splice(0)
    .map(({ url, protocols, sent, code }) => ({ url, protocols, sent, code }));
  return [sockets, events];
}

test('both ask the host for the same, and show the same', async () => {
  const forBundlers = await story('index.mjs');
  const forPages = await story('browser.mjs');
  expect(forPages).toEqual(forBundlers);
  expect(forPages[0]).toMatchObject([
    { url: 'wss://host?room=room&streamName=anna&observe=1&tell=metadata&metadata=%7B%22muted%22%3Atrue%7D' },
    { sent: [{ type: 'roster' }] },
    {},
  ]);
});
