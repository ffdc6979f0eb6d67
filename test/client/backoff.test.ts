/** How long the client waits before it comes back, after links that lasted for a while. */
import { joinRoom } from '../../src/client/index';
import { FakeSocket } from '../helpers/fake-socket';

beforeEach(() => {
  jest.useFakeTimers();
  FakeSocket.all.length = 0;
});

afterEach(() => jest.useRealTimers());

/** Fails where that takes longer than any wait. */
async function untilOpened(sockets: number): Promise<void> {
  for (let waits = 0; FakeSocket.all.length < sockets && waits < 400; waits++) {
    await jest.advanceTimersByTimeAsync(100);
  }
  expect(FakeSocket.all).toHaveLength(sockets);
}

/** Loses every link after so many milliseconds; undefined: before anything is heard. @returns the attempts told of */
async function attemptsAfter(...lives: readonly (number | undefined)[]): Promise<number[]> {
  const room = joinRoom('wss://host', { room: 'room', streamName: 'anna', WebSocket: FakeSocket });
  const attempts: number[] = [];
  room.addEventListener('reconnecting', ({ attempt }) => attempts.push(attempt));
  for (const [index, life] of lives.entries()) {
    await untilOpened(index + 1);
    if (life !== undefined) {
      FakeSocket.at(index).hear('anna');
      await jest.advanceTimersByTimeAsync(life);
    }
    FakeSocket.at(index).lose(1006);
  }
  room.leave();
  return attempts;
}

test('a link that lasted 10 s makes the next loss the first one again, one that lasted less does not', async () => {
  expect(await attemptsAfter(undefined, undefined, 9_999)).toEqual([1, 2, 3]);
  FakeSocket.all.length = 0;
  expect(await attemptsAfter(undefined, undefined, 10_000)).toEqual([1, 2, 1]);
});

test('links that last for a moment, again and again, are waited for longer and longer, up to the fourth time', async () => {
  expect(await attemptsAfter(1, 1, 1, 1, 1, 1)).toEqual([1, 2, 3, 4, 4, 4]);
  FakeSocket.all.length = 0;
  expect(await attemptsAfter(undefined, undefined, undefined, undefined, undefined, 1)).toEqual([
    ...[1, 2, 3, 4, 5, 4],
  ]);
});
