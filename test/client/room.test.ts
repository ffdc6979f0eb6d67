/** The client against real hosts. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { WebSocket } from 'ws';
import { type ConferenceRoom, type JoinOptions, joinRoom, type RoomEvents } from '../../src/client/index';
import { startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { Queue } from '../helpers/queue';

const rooms: ConferenceRoom[] = [];
const servers: Server[] = [];

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
  for (const server of servers.splice(0)) server.close();
});

/** A room whose events a test reads in order. */
class TestRoom {
  readonly room: ConferenceRoom;
  readonly #events = new Queue<RoomEvents[keyof RoomEvents]>();

  constructor(address: string, options: Partial<JoinOptions> = {}) {
    this.room = joinRoom(address, { room: 'room', streamName: 'anna', WebSocket, ...options });
    rooms.push(this.room);
    for (const type of ['open', 'roster', 'reconnecting', 'closed'] as const) {
      this.room.addEventListener(type, (event) => this.#events.push(event));
    }
  }

  /** The next event, which must be of this type. */
  async next<K extends keyof RoomEvents>(type: K): Promise<RoomEvents[K]> {
    const event = await this.#events.next();
    expect(event.type).toBe(type);
    return event as RoomEvents[K];
  }

  /** The next event of this type, whatever comes before it. */
  async until<K extends keyof RoomEvents>(type: K): Promise<RoomEvents[K]> {
    for (;;) {
      const event = await this.#events.next();
      if (event.type === type) return event as RoomEvents[K];
    }
  }

  unread(): string[] {
    return this.#events.rest().map(({ type }) => type);
  }
}

const untilAllAreThere = (count: number) => async (room: ConferenceRoom) => {
  for await (const { streams } of room) if (streams.length === count) return;
};

const addressOf = ({ port }: TestHost) => `ws://127.0.0.1:${port}`;

describe('in a room', () => {
  test('a client gets the streams, and who joined and left', async () => {
    const host = await startHost();
    const anna = new TestRoom(addressOf(host));
    await anna.next('open');
    expect(await anna.next('roster')).toMatchObject({ streams: ['anna'], joined: ['anna'], left: [] });
    const ben = await host.join('room', 'ben');
    expect(await anna.next('roster')).toMatchObject({ streams: ['anna', 'ben'], joined: ['ben'], left: [] });
    await ben.leave();
    expect(await anna.next('roster')).toMatchObject({ streams: ['anna'], joined: [], left: ['ben'] });
    expect(anna.room.streams).toEqual(['anna']);
  });

  test('a client leaves for good', async () => {
    const host = await startHost();
    const anna = new TestRoom(addressOf(host));
    await anna.until('roster');
    const ben = await host.join('room', 'ben');
    anna.room.leave();
    anna.room.leave();
    expect(await anna.until('closed')).toMatchObject({ code: 1000 });
    await ben.until('ben');
    expect(anna.unread()).toEqual([]);
  });

  test.each(['my room+é 100%', 'a&b=c?d#e/f', '..', '__proto__'])('%j is called so by both', async (name) => {
    const host = await startHost();
    const one = new TestRoom(addressOf(host), { room: name, streamName: name });
    expect(await one.until('roster')).toMatchObject({ streams: [name] });
    expect([one.room.room, one.room.streamName]).toEqual([name, name]);
    const frame = await host.open(`/?room=${encodeURIComponent(name)}&streamName=ben`).next();
    expect(frame).toEqual({ room: name, streams: [name, 'ben'] });
  });

  test.each(['/', '/conference', '/?lang=en', '/#fragment'])('the address may end in %s', async (end) => {
    const host = await startHost();
    const anna = new TestRoom(addressOf(host) + end);
    expect(await anna.until('roster')).toMatchObject({ streams: ['anna'] });
  });

  test('an address may be that of the page', async () => {
    const host = await startHost();
    const anna = new TestRoom(`http://127.0.0.1:${host.port}`);
    expect(await anna.until('roster')).toMatchObject({ streams: ['anna'] });
  });
});

describe('the state', () => {
  test('goes from joining to joined, reconnecting and closed, and is ready with the first roster', async () => {
    const host = await startHost();
    const anna = new TestRoom(addressOf(host));
    expect(anna.room.state).toBe('joining');
    const room = await anna.room.ready;
    expect([room.state, room.streams]).toEqual(['joined', ['anna']]);
    await host.host.close();
    await anna.until('reconnecting');
    expect(room.state).toBe('reconnecting');
    room.leave();
    expect(room.state).toBe('closed');
  });

  test('is never ready where the host refuses', async () => {
    const host = await startHost();
    const anna = new TestRoom(addressOf(host), { streamName: '' });
    await expect(anna.room.ready).rejects.toThrow('closed with 4400: streamName is missing');
  });
});

describe('a loop over a room', () => {
  test('gets what changed since it last looked, and ends with the room', async () => {
    const host = await startHost();
    const { room } = new TestRoom(addressOf(host));
    await room.ready;
    const seen: unknown[] = [];
    for await (const { joined, left } of room) {
      seen.push({ joined, left });
      if (seen.length === 1) {
        const ben = await host.join('room', 'ben');
        const carla = await host.join('room', 'carla');
        await ben.leave();
        await carla.until('anna', 'carla');
        await untilAllAreThere(2)(room);
      }
      if (seen.length === 2) room.leave();
    }
    expect(seen).toEqual([
      { joined: ['anna'], left: [] },
      { joined: ['carla'], left: [] },
    ]);
    for await (const _ of room) seen.push('after the end');
    expect(seen).toHaveLength(2);
  });
});

describe('a signal', () => {
  test('that is aborted leaves the room', async () => {
    const host = await startHost();
    const abort = new AbortController();
    const anna = new TestRoom(addressOf(host), { signal: abort.signal });
    await anna.until('roster');
    const ben = await host.join('room', 'ben');
    abort.abort();
    expect(await anna.until('closed')).toMatchObject({ code: 1000 });
    await ben.until('ben');
  });

  test('that was aborted before opens nothing', async () => {
    const host = await startHost();
    const anna = new TestRoom(addressOf(host), { signal: AbortSignal.abort() });
    expect(await anna.next('closed')).toMatchObject({ code: 1000 });
    const ben = await host.join('room', 'ben');
    expect(ben.unread()).toEqual([]);
  });
});

describe('it is over', () => {
  test('when the host refuses', async () => {
    const host = await startHost();
    const anna = new TestRoom(addressOf(host), { streamName: '' });
    expect(await anna.next('closed')).toMatchObject({ code: 4400, reason: 'streamName is missing' });
  });

  test('when an operator removes one', async () => {
    const host = await startHost({ adminToken: ADMIN_TOKEN });
    const anna = new TestRoom(addressOf(host));
    await anna.until('roster');
    await ask(host.port, '/api/rooms/room', { method: 'DELETE' });
    expect(await anna.next('closed')).toMatchObject({ code: 4403, reason: 'removed by an operator' });
    expect(anna.room.streams).toEqual(['anna']);
  });
});

describe('a client comes back', () => {
  test('to a restarted host, and is told at once who is new, and later who has not come back', async () => {
    const first = await startHost();
    const anna = new TestRoom(addressOf(first), { grace: 100 });
    await anna.until('roster');
    await first.join('room', 'ben');
    await anna.next('roster');
    await first.host.close();
    expect(await anna.next('reconnecting')).toMatchObject({ attempt: 1, code: 1001 });
    expect(anna.room.streams).toEqual(['anna', 'ben']);

    const second = await startHost({ port: first.port });
    await second.join('room', 'carla');
    await anna.until('open');
    const back = await anna.next('roster');
    expect(back).toMatchObject({ joined: ['carla'], left: [], streams: ['carla', 'anna', 'ben'] });
    expect(await anna.next('roster')).toMatchObject({ joined: [], left: ['ben'] });
    expect([anna.room.streams, anna.room.awaited]).toEqual([['carla', 'anna'], []]);
  });

  test('with everybody else to a restarted host, and nobody is told that anybody left', async () => {
    const first = await startHost();
    const names = Array.from({ length: 30 }, (_, index) => `page ${index}`);
    const left: string[] = [];
    let back = 0;
    const pages = names.map((streamName) => new TestRoom(addressOf(first), { streamName }).room);
    await Promise.all(pages.map(({ ready }) => ready));
    const allAreBack = new Promise<void>((resolve) => {
      for (const page of pages) {
        const waiting = new Set(names);
        page.addEventListener('reconnecting', () => page.addEventListener('roster', onRoster));
        const onRoster = (event: RoomEvents['roster']) => {
          left.push(...event.left);
          if (page.streams.length !== names.length) left.push('somebody');
          if (page.awaited.length > 0 || !waiting.delete(page.streamName)) return;
          back++;
          if (back === pages.length) resolve();
        };
      }
    });
    await Promise.all(pages.map(untilAllAreThere(names.length)));
    await first.host.close();
    await startHost({ port: first.port });
    await allAreBack;
    expect(left).toEqual([]);
  });

  test('to a host that resets, then closes in the handshake, then refuses, then works', async () => {
    const answers = [
      (socket: import('node:net').Socket) => socket.resetAndDestroy(),
      (socket: import('node:net').Socket) => socket.end('HTTP/1.1 101 Switching Prot'),
      (socket: import('node:net').Socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'),
    ];
    const broken = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => answers.shift()?.(socket));
    });
    servers.push(broken);
    broken.listen(0, '127.0.0.1');
    await once(broken, 'listening');
    const { port } = broken.address() as AddressInfo;

    const anna = new TestRoom(`ws://127.0.0.1:${port}`);
    for (const attempt of [1, 2, 3]) {
      expect(await anna.next('reconnecting')).toMatchObject({ attempt, code: 1006 });
    }
    broken.close();
    await startHost({ port });
    await anna.until('open');
    expect(await anna.next('roster')).toMatchObject({ streams: ['anna'] });
  });
});
