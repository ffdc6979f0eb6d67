/** What a page hears in a room that an application steers, and when it tries again: against a real host, whose waits pass at once. */
import { WebSocket } from 'ws';
import { type ConferenceRoom, type JoinOptions, joinRoom } from '../../src/client/index';
import { startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { Link } from '../helpers/link';
import { order } from '../helpers/orders';
import { Queue } from '../helpers/queue';

/** Longer than any wait of the library. */
const MINUTE = 60_000;
/** All but the timers on which the library waits. */
const REAL = ['nextTick', 'setImmediate', 'setInterval', 'queueMicrotask', 'performance', 'Date'] as const;

let host: TestHost;
let link: Link;
const rooms: ConferenceRoom[] = [];

beforeEach(async () => {
  host = await startHost({ adminToken: ADMIN_TOKEN });
  link = await Link.to(host.port);
  jest.useFakeTimers({ doNotFake: [...REAL] });
});

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
  jest.useRealTimers();
});

/** A page in the room `red5`, and what it hears. */
class Page {
  readonly room: ConferenceRoom;
  readonly #events = new Queue<readonly [type: string, facts: object]>();
  #delay = 0;

  constructor(streamName: string, options: Partial<JoinOptions> = {}) {
    const address = `ws://127.0.0.1:${link.port}`;
    this.room = joinRoom(address, { room: 'red5', streamName, WebSocket, ...options } as JoinOptions);
    rooms.push(this.room);
    this.room.addEventListener('open', () => this.#events.push(['open', {}]));
    for (const type of ['reconnecting', 'closed'] as const)
      this.room.addEventListener(type, ({ code, reason }) => this.#events.push([type, { code, reason }]));
    this.room.addEventListener('reconnecting', ({ delay }) => {
      this.#delay = delay;
    });
  }

  /** The time has come to try again. */
  wait(): void {
    jest.advanceTimersByTime(this.#delay);
  }

  next(): Promise<readonly [type: string, facts: object]> {
    return this.#events.next();
  }
}

const steer = (method: string, path: string, body?: object) => order(host.port, method, path, body);

/** The page does not come back: a minute later the host has heard of nobody but of another one. */
async function staysAway(page: Page, code: number): Promise<void> {
  expect(page.room.state).toBe('closed');
  const heard: string[] = [];
  host.host.events.on('refused', ({ streamName }) => heard.push(`${streamName} was refused`));
  host.host.events.on('joined', ({ streamName }) => heard.push(`${streamName} joined`));
  jest.advanceTimersByTime(MINUTE);
  const other = new Page('other');
  expect(await other.next()).toEqual(['closed', expect.objectContaining({ code })]);
  expect(heard).toEqual(['other was refused']);
}

const LOCKED = { code: 4423, reason: 'the room is locked: nobody new may join' };
const NOT_LISTED = { code: 4403, reason: 'the room has a list of names, and this name is not on it' };

test.each([
  ['is locked', { locked: true }, LOCKED],
  ['has a list without it', { names: ['anna'] }, NOT_LISTED],
])('a page that is new to a room that %s hears why, and stays away', async (_, rules, told) => {
  await steer('PUT', '/rooms/red5/policy', rules);
  const page = new Page('ben');
  expect(await page.next()).toEqual(['closed', told]);
  await expect(page.room.ready).rejects.toThrow(`closed with ${told.code}`);
  await staysAway(page, told.code);
});

test('whoever was in the room when it was locked comes back after a lost link', async () => {
  const anna = new Page('anna');
  expect(await anna.next()).toEqual(['open', {}]);
  await steer('PUT', '/rooms/red5/policy', { locked: true });
  link.thaw();
  expect(await anna.next()).toEqual(['reconnecting', { code: 1006, reason: '' }]);
  anna.wait();
  expect(await anna.next()).toEqual(['open', {}]);
  expect(anna.room.streams).toEqual(['anna']);
});

test('a page that is banned is closed, with the reason that the operator gave, and stays away', async () => {
  const ben = new Page('ben');
  expect(await ben.next()).toEqual(['open', {}]);
  await ben.room.ready;
  const rest = (async () => {
    const lists: string[] = [];
    for await (const { streams } of ben.room) lists.push(streams.join());
    return lists;
  })();
  await steer('POST', '/bans', { address: '127.0.0.1', reason: 'back in an hour' });
  expect(await ben.next()).toEqual(['closed', { code: 4403, reason: 'back in an hour' }]);
  expect(await rest).toEqual(['ben']);
  expect(ben.room.streams).toEqual(['ben']);
  await staysAway(ben, 4403);
});

test('a page that was banned while its link was down hears of it when it comes back, and not again', async () => {
  const ben = new Page('ben');
  expect(await ben.next()).toEqual(['open', {}]);
  link.thaw();
  expect(await ben.next()).toEqual(['reconnecting', { code: 1006, reason: '' }]);
  await steer('POST', '/bans', { address: '127.0.0.1' });
  ben.wait();
  expect(await ben.next()).toEqual(['closed', expect.objectContaining({ code: 4403 })]);
  await staysAway(ben, 4403);
});

test('a page for which the room is full tries again until somebody leaves', async () => {
  await steer('PUT', '/rooms/red5/policy', { maxSize: 1 });
  const anna = await host.join('red5', 'anna');
  const full = { code: 4429, reason: 'the room is full: it takes 1' };
  const ben = new Page('ben');
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(await ben.next()).toEqual(['reconnecting', full]);
    expect(ben.room.state).toBe('joining');
    ben.wait();
  }
  expect(await ben.next()).toEqual(['reconnecting', full]);
  await anna.leave();
  ben.wait();
  expect(await ben.next()).toEqual(['open', {}]);
  expect(ben.room.streams).toEqual(['ben']);
});
