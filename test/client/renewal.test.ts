/** The client when its tokens expire. */
import type { ConferenceRoom } from '../../src/client/index';
import { join, playSurroundings } from '../helpers/client-story';
import { FakeSocket } from '../helpers/fake-socket';

playSurroundings();

describe('before a token expires', () => {
  /** Milliseconds. */
  const LIFE = 600_000;
  let given = 0;
  const fresh = () => {
    given++;
    return `token ${given}`;
  };

  /** The first roster of a link, by which the host says how long its token lives. It gives no beats. */
  const admit = (index: number, streams: readonly string[] = ['anna'], expires: number | undefined = LIFE) =>
    FakeSocket.at(index).hearFrame({ type: 'roster', seq: 1, streams, expires });

  async function joined(token: string | (() => string | Promise<string>) = fresh, expires = LIFE) {
    const story = await join({ token });
    admit(0, ['anna'], expires);
    return story;
  }

  /** Time passes, as long as a token is good, until so much has happened. */
  async function until(count: () => number, wanted: number) {
    for (let seconds = 0; count() < wanted && seconds < LIFE / 1_000; seconds++) {
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(count()).toBe(wanted);
  }
  const untilOpened = (sockets: number) => until(() => FakeSocket.all.length, sockets);

  test('a second link opens, and the first closes a second after the second has its roster', async () => {
    const { room, events } = await joined();
    await jest.advanceTimersByTimeAsync(LIFE - 60_001);
    expect(FakeSocket.all).toHaveLength(1);
    await untilOpened(2);
    FakeSocket.at(0).hear('anna', 'ben');
    expect(room.streams).toEqual(['anna', 'ben']);
    FakeSocket.at(1).hear('anna', 'ben', 'carl');
    expect(room.streams).toEqual(['anna', 'ben', 'carl']);
    FakeSocket.at(0).hear('ghost');
    expect(room.streams).toEqual(['anna', 'ben', 'carl']);
    await jest.advanceTimersByTimeAsync(999);
    expect(FakeSocket.at(0).closed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect([FakeSocket.at(0).closed, FakeSocket.at(1).closed]).toEqual([true, false]);
    FakeSocket.at(0).lose(4410);
    expect(events).toEqual(['open', 'roster', 'roster', 'roster']);
  });

  test('a first link that is closed by itself, once the second has its roster, needs no close any more', async () => {
    const { events } = await joined();
    await untilOpened(2);
    admit(1);
    FakeSocket.at(0).lose(1006);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([false, false]);
    expect(events).toEqual(['open', 'roster', 'roster']);
  });

  test('the second link takes over: it is lost and renewed like the first', async () => {
    const { events } = await joined();
    for (const index of [1, 2]) {
      await untilOpened(index + 1);
      admit(index);
      await jest.advanceTimersByTimeAsync(1_000);
    }
    FakeSocket.at(2).lose(1006);
    expect(events.at(-1)).toBe('reconnecting');
  });

  test('a failed renewal is retried, later each time and one at a time, while the first link stays', async () => {
    let asked = 0;
    let under = 0;
    const { room, events } = await joined(async () => {
      asked++;
      if (asked === 1) return fresh();
      under++;
      expect(under).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      under--;
      throw new Error('no token today');
    });
    await jest.advanceTimersByTimeAsync(LIFE);
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(15);
    FakeSocket.at(0).hear('anna', 'ben');
    expect([room.streams, events]).toEqual([
      ['anna', 'ben'],
      ['open', 'roster', 'roster'],
    ]);
  });

  test('a token is given up after 10 s, and opens nothing if it arrives later', async () => {
    const waiting: ((token: string) => void)[] = [];
    let asked = 0;
    await joined(() => {
      asked++;
      return asked === 1 ? fresh() : new Promise((resolve) => waiting.push(resolve));
    });
    await until(() => asked, 3);
    waiting[0]?.(fresh());
    await jest.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(1);
    waiting[1]?.(fresh());
    await jest.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('a token that is refused after it was given up does not disturb the next', async () => {
    const refuse: ((error: Error) => void)[] = [];
    const give: ((token: string) => void)[] = [];
    let asked = 0;
    await joined(() => {
      asked++;
      if (asked === 1) return fresh();
      return new Promise((resolve, reject) => {
        give.push(resolve);
        refuse.push(reject);
      });
    });
    await until(() => asked, 3);
    refuse[0]?.(new Error('too late'));
    await jest.advanceTimersByTimeAsync(0);
    give[1]?.(fresh());
    await jest.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('a token that is refused is asked for again within a second', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    let asked = 0;
    await joined(() => {
      asked++;
      if (asked === 1) return fresh();
      throw new Error('no token today');
    });
    await jest.advanceTimersByTimeAsync(LIFE - 29_000);
    expect(asked).toBeGreaterThan(2);
  });

  test('a renewal that fails is tried again soon, however often the link was lost before', async () => {
    await join({ token: fresh });
    for (const index of [0, 1, 2, 3, 4]) {
      FakeSocket.at(index).lose(1006);
      await until(() => FakeSocket.all.length, index + 2);
    }
    admit(5);
    await untilOpened(7);
    FakeSocket.at(6).lose(1006);
    await jest.advanceTimersByTimeAsync(500);
    expect(FakeSocket.all).toHaveLength(8);
  });

  test('a token that is good for 40 s is renewed 5 to 10 s before its end', async () => {
    await joined(fresh, 40_000);
    await jest.advanceTimersByTimeAsync(29_999);
    expect(FakeSocket.all).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(5_002);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('a second link that says anything else than a roster does not take over', async () => {
    const { room } = await joined();
    await untilOpened(2);
    FakeSocket.at(1).onmessage?.({ data: 'welcome' });
    FakeSocket.at(0).hear('anna', 'ben');
    expect(room.streams).toEqual(['anna', 'ben']);
    FakeSocket.at(1).hear('anna', 'carl');
    expect(room.streams).toEqual(['anna', 'carl', 'ben']);
  });

  test('a second link is retried if the room is full, but not if it is refused', async () => {
    const { events } = await joined();
    await untilOpened(2);
    FakeSocket.at(1).lose(4429);
    await untilOpened(3);
    FakeSocket.at(2).lose(4403);
    await jest.advanceTimersByTimeAsync(LIFE);
    expect(FakeSocket.all).toHaveLength(3);
    expect(events).toEqual(['open', 'roster']);
    FakeSocket.at(0).lose(4410);
    await jest.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(4);
  });

  test.each<[string, (room: ConferenceRoom) => void]>([
    ['one may leave', (room) => room.leave()],
    ['the link may be lost', () => FakeSocket.at(0).lose(4401)],
  ])('%s, and nothing of a renewal stays', async (_what, end) => {
    const { room } = await joined();
    await untilOpened(2);
    end(room);
    expect(FakeSocket.at(1).closed).toBe(true);
    FakeSocket.at(1).hear('ghost');
    expect(room.streams).toEqual(['anna']);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('leaving while the first link lingers closes both', async () => {
    const { room } = await joined();
    await untilOpened(2);
    FakeSocket.at(1).hear('anna');
    room.leave();
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, true]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('a listener may leave at the roster of the second link', async () => {
    const { room } = await joined();
    await untilOpened(2);
    room.addEventListener('roster', () => room.leave());
    FakeSocket.at(1).hear('anna');
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, true]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('a second link that is under way is kept when the first is lost', async () => {
    const { room, events, last } = await joined();
    await untilOpened(2);
    FakeSocket.at(0).lose(1006);
    expect([room.state, last('reconnecting')?.delay]).toEqual(['reconnecting', 0]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(FakeSocket.all).toHaveLength(2);
    admit(1, ['anna', 'ben']);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([false, false]);
    expect(events).toEqual(['open', 'roster', 'reconnecting', 'open', 'roster']);
  });

  test.each<[string, string | (() => string), number | undefined]>([
    ['that is given as text', 'secret', LIFE],
    ['of which the host says nothing', fresh, undefined],
    ['that is good for a hundred years', fresh, 3_155_760_000_000],
  ])('one %s is not renewed', async (_which, token, expires) => {
    await join({ token });
    FakeSocket.at(0).hearFrame({ type: 'roster', seq: 1, streams: ['anna'], expires });
    await jest.advanceTimersByTimeAsync(20 * LIFE);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
