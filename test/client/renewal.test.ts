/** The client when its tokens expire. */
import { type ConferenceRoom, type JoinOptions, joinRoom } from '../../src/client/index';
import { lifetimeOf } from '../../src/client/token-life';
import { FakeSocket } from '../helpers/fake-socket';
import { hsToken, inSeconds, makeToken } from '../helpers/tokens';

const rooms: ConferenceRoom[] = [];

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
});

function join(address: string, options: Partial<JoinOptions>) {
  const room = joinRoom(address, { room: 'room', streamName: 'anna', ...options });
  rooms.push(room);
  const events: string[] = [];
  for (const type of ['open', 'roster', 'reconnecting', 'closed'] as const) {
    room.addEventListener(type, () => events.push(type));
  }
  return { room, events };
}

describe('before a token expires', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    FakeSocket.all.length = 0;
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  /** Ten minutes, by a device whose clock is a year behind. */
  const LIFE = 600_000;
  const fresh = () => {
    const iat = inSeconds(365 * 86_400);
    return hsToken({ iat, exp: iat + LIFE / 1_000 });
  };

  async function joined(token: JoinOptions['token'] = fresh) {
    const joining = join('wss://host', { token, WebSocket: FakeSocket });
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).hear('anna');
    return joining;
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
    FakeSocket.at(0).lose(4410);
    expect(room.streams).toEqual(['anna', 'ben', 'carl']);
    await jest.advanceTimersByTimeAsync(999);
    expect(FakeSocket.at(0).closed).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect([FakeSocket.at(0).closed, FakeSocket.at(1).closed]).toEqual([true, false]);
    expect(events).toEqual(['open', 'roster', 'roster', 'roster']);
  });

  test('the second link takes over: it is lost and renewed like the first', async () => {
    const { events } = await joined();
    for (const index of [1, 2]) {
      await untilOpened(index + 1);
      FakeSocket.at(index).hear('anna');
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

  test('a token that is good for 40 s is renewed 5 to 10 s before its end', async () => {
    await joined(() => hsToken({ iat: inSeconds(0), exp: inSeconds(0) + 40 }));
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

  test.each<[string, JoinOptions['token']]>([
    ['that is given as text', fresh()],
    ['that is no JWT', () => 'open-sesame'],
    ['that is good for a hundred years', () => hsToken({ iat: inSeconds(0), exp: inSeconds(3_155_760_000) })],
  ])('one %s is not renewed', async (_which, token) => {
    await joined(token);
    await jest.advanceTimersByTimeAsync(20 * LIFE);
    expect(FakeSocket.all).toHaveLength(1);
    const isForALongTime = typeof token === 'function' && token() !== 'open-sesame';
    expect(jest.getTimerCount()).toBe(isForALongTime ? 1 : 0);
  });
});

describe('a token is valid', () => {
  const NOW = 1_700_000_000_000;
  const now = NOW / 1_000;
  const token = (claims: object) => makeToken({ alg: 'none' }, { ...claims }, () => Buffer.alloc(0));

  test.each<[string, string, number | undefined]>([
    ['for as long as it was issued for', token({ iat: now, exp: now + 60 }), 60_000],
    ['for that, whatever the clock here says', token({ iat: 100, exp: 160.5 }), 60_500],
    ['for what is left of it where it says no more', token({ exp: now + 60 }), 60_000],
    ['for nobody knows how long where it has expired here', token({ exp: now - 60 }), undefined],
    ['for what is left of it where that is little', token({ exp: now + 3 }), 3_000],
    ['for nobody knows how long where it is about to', token({ exp: now + 1 }), undefined],
    ['for nobody knows how long where it was issued after its end', token({ iat: now, exp: 1 }), undefined],
    ['for nobody knows how long where it has no end', token({ iat: now }), undefined],
    ['for as little as is believed', token({ exp: now + 2 }), 2_000],
    [
      'for nobody knows how long where its end is a number in text',
      token({ iat: now, exp: `${now + 60}` }),
      undefined,
    ],
    ['for nobody knows how long where its end is text', token({ iat: now, exp: '9' }), undefined],
    ['whatever its claims are written in', token({ name: 'žofie ÿ😀>>>???', iat: 1, exp: 2 }), 1_000],
    ['for nobody knows how long where it is none', 'open-sesame', undefined],
    ['for nobody knows how long where it is empty', '', undefined],
    [
      'for nobody knows how long where its claims are null',
      makeToken({}, 'null', () => Buffer.alloc(0)),
      undefined,
    ],
  ])('%s', (_what, text, lifetime) => {
    expect(lifetimeOf(text, NOW)).toBe(lifetime);
  });
});
