/** The client when time passes and networks change, with a socket and a clock that tests play. */
import { type ConferenceRoom, type JoinOptions, joinRoom } from '../../src/client/index';
import { encodeMetadata, hostAt, targetOf } from '../../src/client/wire';
import { playSurroundings, surroundings } from '../helpers/client-story';
import { FakeSocket } from '../helpers/fake-socket';
import { startHost } from '../helpers/host';

const rooms: ConferenceRoom[] = [];

playSurroundings();

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
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

test('a handshake that hangs is given up after 10 s, and not left in the way of the next', async () => {
  const { events } = join();
  await jest.advanceTimersByTimeAsync(9_999);
  expect([events, FakeSocket.at(0).closed]).toEqual([[], false]);
  await jest.advanceTimersByTimeAsync(1);
  expect([events, FakeSocket.at(0).closed]).toEqual([['reconnecting'], true]);
  await jest.advanceTimersByTimeAsync(500);
  expect(FakeSocket.all).toHaveLength(2);
  surroundings.dispatchEvent(new Event('online'));
  await jest.advanceTimersByTimeAsync(0);
  expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, true, false]);
});

test('a socket that may keep the name in the room is dropped once another one is in it', async () => {
  join();
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).open();
  await jest.advanceTimersByTimeAsync(10_500);
  expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([false, false]);
  FakeSocket.at(1).hear('anna');
  await jest.advanceTimersByTimeAsync(1_000);
  expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, false]);
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

test('whoever was in its room tries again within 4 s, however often that was lost', async () => {
  const { room } = join();
  const delays: number[] = [];
  room.addEventListener('reconnecting', ({ delay }) => delays.push(delay));
  for (let index = 0; index < 8; index++) {
    await jest.advanceTimersByTimeAsync(4_000);
    FakeSocket.at(index).hear('anna');
    FakeSocket.at(index).lose(1006);
  }
  expect(Math.max(...delays)).toBeLessThanOrEqual(4_000);
});

describe('a token', () => {
  test('is requested again for each connection', async () => {
    const tokens = ['first', 'second'];
    join({ token: () => Promise.resolve(tokens.shift() ?? '') });
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).lose(1006);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(FakeSocket.all.map(({ protocols }) => protocols)).toEqual([
      ['conference.2', 'conference', 'first'],
      ['conference.2', 'conference', 'second'],
    ]);
  });

  test('never stands in the URL, where proxies log it', async () => {
    join({ token: 'secret' });
    join();
    await jest.advanceTimersByTimeAsync(0);
    expect(FakeSocket.all.map(({ url }) => url)).toEqual([
      'wss://host?room=room&streamName=anna',
      'wss://host?room=room&streamName=anna',
    ]);
    expect(FakeSocket.at(1).protocols).toEqual(['conference.2', 'conference']);
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

const NO_ROSTERS = ['not json', 'null', '{"room":"room"}', '{"streams":1}', '{"streams":[1]}', undefined];

test.each(NO_ROSTERS)(
  'the frame %j is no sign of a room: without a roster within 10 s the link is lost',
  async (data) => {
    const { events } = join();
    await jest.advanceTimersByTimeAsync(0);
    FakeSocket.at(0).onmessage?.({ data });
    await jest.advanceTimersByTimeAsync(10_000);
    expect(events).toEqual(['reconnecting']);
  },
);

test.each(NO_ROSTERS)('the frame %j is ignored', async (data) => {
  const { events } = join();
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).onmessage?.({ data });
  FakeSocket.at(0).hear('anna');
  expect(events).toEqual(['open', 'roster']);
});

test('a listener may leave at any event, and gets no more events', async () => {
  const { room, events } = join();
  room.addEventListener('open', () => room.leave());
  await jest.advanceTimersByTimeAsync(0);
  FakeSocket.at(0).hear('anna');
  await jest.advanceTimersByTimeAsync(60_000);
  expect(events).toEqual(['open', 'closed']);
});

test.each([
  ['localhost:8001', 'ws://localhost:8001'],
  ['host:8/live', 'ws://host:8/live'],
  ['192.168.1.5:8001', 'ws://192.168.1.5:8001'],
  ['[::1]:8001/live?lang=en', 'ws://[::1]:8001/live?lang=en'],
  ['host.example:8001/?token=T&', 'ws://host.example:8001/?token=T&'],
  ['https://host.example', 'wss://host.example'],
  ['HTTP://host.example', 'ws://host.example'],
  ['wss://http.example', 'wss://http.example'],
  ['WSS://host.example', 'WSS://host.example'],
])('the address %s is %s', (address, expected) => {
  expect(hostAt(address)).toBe(expected);
});

test('an address without a scheme is encrypted if the page is', () => {
  Object.assign(globalThis, { location: { protocol: 'https:' } });
  try {
    expect(hostAt('host.example:8001')).toBe('wss://host.example:8001');
  } finally {
    Reflect.deleteProperty(globalThis, 'location');
  }
});

test.each([
  '',
  'host',
  'host:8001x',
  'host:',
  '/chat',
  'ftp://host',
  'ftp://host:21',
  'xws://host',
  'ws://a b',
  'host:99999',
])('%j is no address, which is said at once', (address) => {
  const mistake = () => joinRoom(address, { room: 'room', streamName: 'anna', WebSocket: FakeSocket });
  expect(mistake).toThrow(TypeError);
  expect(mistake).toThrow(`'${address}' is not an address, such as wss://host:8001 or localhost:8001`);
});

test('an address keeps the query that it has', () => {
  const target = targetOf('wss://host?lang=en', { room: 'room', streamName: 'anna' }, undefined);
  expect(target).toBe('wss://host?lang=en&room=room&streamName=anna');
});

test('of metadata that is certainly too long, the host gets so much that it can say so', () => {
  const escaped = (json: string) => encodeURIComponent(json).length;
  const encoded = (length: number) => encodeMetadata({ a: 'x'.repeat(length - escaped('{"a":""}')) }) ?? '';
  expect(escaped(encoded(3 * 1_024))).toBe(3 * 1_024);
  expect(encoded(3 * 1_024 + 1)).toBe(`{"":"${'x'.repeat(1_024 - 6)}%22%7D"}`);
});

test('where there is no WebSocket, that of the package ws is used', async () => {
  jest.useRealTimers();
  const { WebSocket: own } = globalThis as { WebSocket?: unknown };
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    const { port } = await startHost();
    const room = joinRoom(`127.0.0.1:${port}`, { room: 'room', streamName: 'anna' });
    rooms.push(room);
    expect((await room.ready).streams).toEqual(['anna']);
  } finally {
    if (own !== undefined) Object.assign(globalThis, { WebSocket: own });
  }
});

test('where there is none at all, the room is closed for good, and what to do is said', async () => {
  jest.useRealTimers();
  const { WebSocket: own } = globalThis as { WebSocket?: unknown };
  Reflect.deleteProperty(globalThis, 'WebSocket');
  jest.doMock('ws', () => {
    throw new Error('not installed');
  });
  const said = jest.spyOn(console, 'error').mockImplementation(() => {});
  try {
    const room = joinRoom('ws://host', { room: 'room', streamName: 'anna' });
    const how = 'there is no WebSocket: use Node 22, or `npm install ws`, or pass the option WebSocket';
    await expect(room.ready).rejects.toThrow(`closed with 1002: ${how}`);
    expect(room.state).toBe('closed');
    expect(said.mock.calls).toEqual([[`conference-host/client: ${how}`]]);
  } finally {
    jest.dontMock('ws');
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
