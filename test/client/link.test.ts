/** The client when time passes and networks change, with a socket and a clock that tests play. */
import { type ConferenceRoom, type JoinOptions, joinRoom } from '../../src/client/index';
import { FakeSocket } from '../helpers/fake-socket';

const network = new EventTarget();
const rooms: ConferenceRoom[] = [];

beforeEach(() => {
  jest.useFakeTimers();
  FakeSocket.all.length = 0;
  Object.assign(globalThis, {
    addEventListener: (...args: Parameters<EventTarget['addEventListener']>) =>
      network.addEventListener(...args),
    removeEventListener: (...args: Parameters<EventTarget['removeEventListener']>) =>
      network.removeEventListener(...args),
  });
});

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
  jest.useRealTimers();
  jest.restoreAllMocks();
  Reflect.deleteProperty(globalThis, 'addEventListener');
  Reflect.deleteProperty(globalThis, 'removeEventListener');
});

function join(options: Partial<JoinOptions> = {}): { room: ConferenceRoom; events: string[] } {
  const room = joinRoom('wss://host', {
    room: 'room',
    streamName: 'anna',
    WebSocket: FakeSocket,
    ...options,
  });
  rooms.push(room);
  const events: string[] = [];
  for (const type of ['open', 'roster', 'reconnecting', 'closed'] as const) {
    room.addEventListener(type, () => events.push(type));
  }
  return { room, events };
}

test('a handshake that hangs is dropped after 10 s', async () => {
  const { events } = join();
  await jest.advanceTimersByTimeAsync(9_999);
  expect([events, FakeSocket.all.length]).toEqual([[], 1]);
  await jest.advanceTimersByTimeAsync(1);
  expect([events, FakeSocket.at(0).closed]).toEqual([['reconnecting'], true]);
  await jest.advanceTimersByTimeAsync(500);
  expect(FakeSocket.all).toHaveLength(2);
});

test('late messages of an old socket are ignored', async () => {
  const { room, events } = join();
  await jest.advanceTimersByTimeAsync(10_500);
  FakeSocket.at(0).hear('ghost');
  FakeSocket.at(0).lose(4400);
  FakeSocket.at(1).hear('anna');
  expect([events, room.streams]).toEqual([['reconnecting', 'open', 'roster'], ['anna']]);
});

test('each loss in a row waits longer; after a link that lasted 10 s it starts over', async () => {
  const { room } = join();
  const attempts: number[] = [];
  room.addEventListener('reconnecting', ({ attempt }) => attempts.push(attempt));
  for (let index = 0; index < 3; index++) {
    await jest.advanceTimersByTimeAsync(index === 0 ? 0 : 1_000);
    FakeSocket.at(FakeSocket.all.length - 1).lose(1006);
  }
  await jest.advanceTimersByTimeAsync(2_000);
  const last = FakeSocket.at(FakeSocket.all.length - 1);
  last.hear('anna');
  await jest.advanceTimersByTimeAsync(10_000);
  last.lose(1006);
  expect(attempts.at(-1)).toBe(1);
  expect(attempts.slice(0, 2)).toEqual([1, 2]);
});

test('a link that lasted less than 10 s does not start the count over', async () => {
  const { room } = join();
  const losses: { readonly attempt: number; readonly code: number; readonly reason: string }[] = [];
  room.addEventListener('reconnecting', (event) => losses.push(event));
  for (const life of [9_999, 9_999, 10_000]) {
    await jest.advanceTimersByTimeAsync(1_000);
    const socket = FakeSocket.at(FakeSocket.all.length - 1);
    socket.hear('anna');
    await jest.advanceTimersByTimeAsync(life);
    socket.lose(1006);
  }
  expect(losses.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
  expect(losses[0]).toMatchObject({ code: 1006, reason: 'why' });
});

test('leaving closes the link with 1000, and leaves no timer and no listener behind', async () => {
  const added = jest.spyOn(network, 'addEventListener');
  const removed = jest.spyOn(network, 'removeEventListener');
  const { room } = join();
  const closes: object[] = [];
  room.addEventListener('closed', (event) => closes.push(event));
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).hear('anna');
  room.leave();
  expect(FakeSocket.at(0).code).toBe(1000);
  expect(closes).toMatchObject([{ code: 1000, reason: 'left' }]);
  expect(jest.getTimerCount()).toBe(0);
  expect(added.mock.calls.map(([type]) => type)).toEqual(['online', 'offline']);
  expect(removed.mock.calls).toEqual(added.mock.calls);
});

test('leaving while the link is away leaves no timer behind', async () => {
  const { room } = join();
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).lose(1006);
  room.leave();
  expect(jest.getTimerCount()).toBe(0);
});

describe('when the browser says that the network', () => {
  test('is down, a link without a frame is lost after 5 s', async () => {
    const { events } = join();
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).hear('anna');
    network.dispatchEvent(new Event('offline'));
    await jest.advanceTimersByTimeAsync(4_999);
    expect(events).toEqual(['open', 'roster']);
    await jest.advanceTimersByTimeAsync(1);
    expect(events).toEqual(['open', 'roster', 'reconnecting']);
  });

  test('is down, a link that still gets frames is kept', async () => {
    const { events } = join();
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).hear('anna');
    network.dispatchEvent(new Event('offline'));
    FakeSocket.at(0).hear('anna', 'ben');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(events).toEqual(['open', 'roster', 'roster']);
  });

  test('is back, the link reconnects at once', async () => {
    join();
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).hear('anna');
    network.dispatchEvent(new Event('offline'));
    network.dispatchEvent(new Event('online'));
    expect(FakeSocket.at(0).closed).toBe(true);
    await jest.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('is back, a waiting client reconnects at once', async () => {
    join();
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).lose(4429);
    network.dispatchEvent(new Event('online'));
    await jest.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all).toHaveLength(2);
    await jest.advanceTimersByTimeAsync(9_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('is back, a client that has left stays away', async () => {
    const { room } = join();
    await jest.advanceTimersByTimeAsync(0);
    room.addEventListener('reconnecting', () => room.leave());
    network.dispatchEvent(new Event('online'));
    await jest.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe('a token', () => {
  test('is requested again for each connection', async () => {
    const tokens = ['first', 'sec ond+'];
    join({ token: () => Promise.resolve(tokens.shift() ?? '') });
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).lose(1006);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(FakeSocket.all.map(({ url }) => url)).toEqual([
      'wss://host?room=room&streamName=anna&token=first',
      'wss://host?room=room&streamName=anna&token=sec%20ond%2B',
    ]);
  });

  test('that is unavailable counts as a lost link', async () => {
    const { room } = join({ token: () => Promise.reject(new Error('no token today')) });
    const reasons: string[] = [];
    room.addEventListener('reconnecting', ({ reason }) => reasons.push(reason));
    await jest.advanceTimersByTimeAsync(0);
    expect([reasons, FakeSocket.all.length]).toEqual([['Error: no token today'], 0]);
  });

  test('that arrives after leaving opens nothing', async () => {
    const { promise, resolve } = withResolvers();
    const { room } = join({ token: () => promise });
    room.leave();
    resolve('late');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(0);
  });
});

test.each(['not json', 'null', '{"room":"room"}', '{"streams":1}', undefined])(
  'the frame %j is ignored',
  async (data) => {
    const { events } = join();
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).onmessage?.({ data });
    FakeSocket.at(0).hear('anna');
    expect(events).toEqual(['open', 'roster']);
  },
);

test('a listener may leave at any event, and gets no more events', async () => {
  const { room, events } = join();
  room.addEventListener('open', () => room.leave());
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).hear('anna');
  await jest.advanceTimersByTimeAsync(60_000);
  expect(events).toEqual(['open', 'closed']);
});

test('a roster says who joined and who left since the one before, even across a lost link', async () => {
  const { room } = join();
  const changes: object[] = [];
  room.addEventListener('roster', ({ streams, joined, left }) => changes.push({ streams, joined, left }));
  expect(room.streams).toEqual([]);
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).hear('anna', 'ben');
  FakeSocket.at(0).hear('anna', 'carl');
  FakeSocket.at(0).lose(1006);
  expect(room.streams).toEqual(['anna', 'carl']);
  await jest.advanceTimersByTimeAsync(500);
  FakeSocket.at(1).hear('dora', 'anna');
  expect(changes).toEqual([
    { streams: ['anna', 'ben'], joined: ['anna', 'ben'], left: [] },
    { streams: ['anna', 'carl'], joined: ['carl'], left: ['ben'] },
    { streams: ['dora', 'anna'], joined: ['dora'], left: ['carl'] },
  ]);
});

test('leaving twice is leaving once', async () => {
  const { room, events } = join();
  room.leave();
  room.leave();
  expect(events).toEqual(['closed']);
});

test.each([
  ['wss://host', 'wss://host?room=room&streamName=anna'],
  ['ws://host:8001/', 'ws://host:8001/?room=room&streamName=anna'],
  ['http://host/http', 'ws://host/http?room=room&streamName=anna'],
  ['https://host/?lang=en#top', 'wss://host/?lang=en&room=room&streamName=anna'],
  ['wss://host/http', 'wss://host/http?room=room&streamName=anna'],
])('the address %s becomes %s', async (address, url) => {
  rooms.push(joinRoom(address, { room: 'room', streamName: 'anna', WebSocket: FakeSocket }));
  await jest.advanceTimersByTimeAsync(0);
  expect(FakeSocket.all.map((socket) => socket.url)).toEqual([url]);
});

describe('the reason of a loss', () => {
  const reasonsOf = (room: ConferenceRoom) => {
    const reasons: string[] = [];
    room.addEventListener('reconnecting', ({ reason }) => reasons.push(reason));
    return reasons;
  };

  test('is a host that does not answer, also where a token never comes', async () => {
    const waiting = reasonsOf(join({ token: () => new Promise(() => {}) }).room);
    const hanging = reasonsOf(join().room);
    await jest.advanceTimersByTimeAsync(10_000);
    expect([waiting, hanging]).toEqual([['the host does not answer'], ['the host does not answer']]);
  });

  test('is a network that is away, but only once the link is open', async () => {
    const reasons = reasonsOf(join().room);
    await jest.advanceTimersByTimeAsync(0);
    network.dispatchEvent(new Event('offline'));
    await jest.advanceTimersByTimeAsync(9_999);
    expect(reasons).toEqual([]);
    FakeSocket.at(0).hear('anna');
    network.dispatchEvent(new Event('offline'));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(reasons).toEqual(['the network is away']);
  });

  test('is a network that has changed', async () => {
    const reasons = reasonsOf(join().room);
    await jest.advanceTimersByTimeAsync(0);
    network.dispatchEvent(new Event('online'));
    expect(reasons).toEqual(['the network has changed']);
  });
});

test('a token that is refused after the attempt is over changes nothing', async () => {
  let refuse: (error: Error) => void = () => {};
  let asked = 0;
  const { events } = join({
    token: () => {
      asked++;
      if (asked > 1) return 'fresh';
      return new Promise<string>((_, reject) => {
        refuse = reject;
      });
    },
  });
  await jest.advanceTimersByTimeAsync(10_500);
  FakeSocket.at(0).hear('anna');
  refuse(new Error('too late'));
  await jest.advanceTimersByTimeAsync(0);
  expect(events).toEqual(['reconnecting', 'open', 'roster']);
});

test.each(['', 'host', 'host:8001', '/chat', 'ftp://host', 'xws://host', 'ws://a b'])(
  '%j is no address, which is said at once',
  (address) => {
    const mistake = () => joinRoom(address, { room: 'room', streamName: 'anna', WebSocket: FakeSocket });
    expect(mistake).toThrow(new TypeError(`${address} is not a ws:// or wss:// address`));
  },
);

test('without a WebSocket it throws at once', () => {
  const { WebSocket: own } = globalThis as { WebSocket?: unknown };
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    expect(() => joinRoom('wss://host', { room: 'room', streamName: 'anna' })).toThrow(
      new TypeError('there is no global WebSocket: pass one as an option'),
    );
  } finally {
    if (own !== undefined) Object.assign(globalThis, { WebSocket: own });
  }
});

function withResolvers(): { promise: Promise<string>; resolve: (value: string) => void } {
  let resolve: (value: string) => void = () => {};
  const promise = new Promise<string>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
