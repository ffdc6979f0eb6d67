/** A room as React and Vue show it, and the library as pages load it from a host. */
import { joinRoom } from '../../src/client/browser';
import { NOT_YET, type RoomSnapshot, show } from '../../src/client/snapshot';
import { join, playSurroundings } from '../helpers/client-story';
import { FakeSocket } from '../helpers/fake-socket';

playSurroundings();

const host = () => FakeSocket.at(FakeSocket.all.length - 1);

test('before a component is mounted there is no room, and nobody in it', () => {
  expect(NOT_YET).toEqual({
    room: undefined,
    state: 'joining',
    streams: [],
    awaited: [],
    metadata: new Map(),
  });
});

test('a room is shown at once and at every change, until it is shown no more; then it is left', async () => {
  const { room } = await join({ tellMetadata: true });
  const shown: RoomSnapshot[] = [];
  const stop = show(room, (snapshot) => shown.push(snapshot));
  const states = () => shown.splice(0).map(({ state, streams, awaited }) => [state, streams, awaited]);
  expect(shown[0]?.room).toBe(room);
  expect(states()).toEqual([['joining', [], []]]);
  host().hearFirst(['anna', 'ben']);
  expect(states()).toEqual([
    ['joined', [], []],
    ['joined', ['anna', 'ben'], []],
  ]);
  host().hearFrame({ type: 'changes', seq: 2, metadata: { ben: { name: 'Ben' } } });
  expect(shown.map(({ metadata }) => Object.fromEntries(metadata))).toEqual([{ ben: { name: 'Ben' } }]);
  shown.length = 0;
  host().lose(1006);
  expect(states()).toEqual([['reconnecting', ['anna', 'ben'], []]]);
  await jest.advanceTimersByTimeAsync(1_000);
  host().hearFirst(['anna']);
  expect(states().at(-1)).toEqual(['joined', ['anna', 'ben'], ['ben']]);
  stop();
  expect([room.state, shown]).toEqual(['closed', []]);
});

test('a room that the host closes for good is shown as closed', async () => {
  const { room } = await join();
  const shown: RoomSnapshot[] = [];
  show(room, (snapshot) => shown.push(snapshot));
  host().lose(4403);
  expect(shown.map(({ state }) => state)).toEqual(['joining', 'closed']);
});

test('a page that loads the library from a host joins with the WebSocket of its browser', async () => {
  const { WebSocket: own } = globalThis as { WebSocket?: unknown };
  Object.assign(globalThis, { WebSocket: FakeSocket });
  try {
    const room = joinRoom('wss://host', { room: 'room', streamName: 'anna' });
    await jest.advanceTimersByTimeAsync(0);
    host().hear('anna');
    expect((await room.ready).streams).toEqual(['anna']);
    room.leave();
  } finally {
    if (own === undefined) Reflect.deleteProperty(globalThis, 'WebSocket');
    else Object.assign(globalThis, { WebSocket: own });
  }
});
