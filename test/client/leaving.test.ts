/** What a room that is over leaves behind: nothing. */
import { getEventListeners } from 'node:events';
import { type ConferenceRoom, joinRoom } from '../../src/client/index';
import { playSurroundings, surroundings } from '../helpers/client-story';
import { FakeSocket } from '../helpers/fake-socket';

playSurroundings();

const TYPES = ['online', 'offline', 'pageshow', 'visibilitychange'];
/** Of the page's network. */
const connection = new EventTarget();

beforeEach(() => Object.assign(globalThis, { navigator: { connection } }));
afterEach(() => Reflect.deleteProperty(globalThis, 'navigator'));

test.each<[string, (room: ConferenceRoom, abort: AbortController) => void]>([
  ['is left', (room) => room.leave()],
  ['is aborted', (_, abort) => abort.abort()],
  ['is closed for good', () => FakeSocket.at(0).lose(4403)],
])('a room that %s listens to nothing any more, and keeps no timer', async (_how, end) => {
  const abort = new AbortController();
  const { signal } = abort;
  const room = joinRoom('wss://host', { room: 'room', streamName: 'anna', WebSocket: FakeSocket, signal });
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).hear('anna');
  const listeners = () => [
    ...TYPES.map((type) => getEventListeners(surroundings, type).length),
    getEventListeners(connection, 'change').length,
    getEventListeners(signal, 'abort').length,
  ];
  expect(listeners()).toEqual([1, 1, 1, 1, 1, 1]);
  end(room, abort);
  expect(room.state).toBe('closed');
  expect([...listeners(), jest.getTimerCount()]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test.each(['left', 'replaced'])(
  'a socket that hears its first roster only when it was %s keeps no timer',
  async (how) => {
    const room = joinRoom('wss://host', { room: 'room', streamName: 'anna', WebSocket: FakeSocket });
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).open();
    if (how === 'replaced') surroundings.dispatchEvent(new Event('online'));
    else room.leave();
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).hearFirst(['anna']);
    FakeSocket.at(0).lose(1006);
    room.leave();
    await jest.advanceTimersByTimeAsync(120_000);
    expect([FakeSocket.at(0).sent, jest.getTimerCount()]).toEqual([[], 0]);
  },
);
