/** What the client gets from a real host that it does not get with plain frames. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { type ConferenceRoom, type JoinOptions, joinRoom, type RoomEvents } from '../../src/client/index';
import { startHost, type TestHost } from '../helpers/host';

const rooms: ConferenceRoom[] = [];

afterEach(() => {
  for (const room of rooms.splice(0)) room.leave();
});

async function join({ port }: TestHost, streamName: string, options: Partial<JoinOptions> = {}) {
  const all = { room: 'room', streamName, WebSocket, ...options } as JoinOptions;
  const room = joinRoom(`localhost:${port}`, all);
  rooms.push(room);
  return room.ready;
}

function next<K extends keyof RoomEvents>(room: ConferenceRoom, type: K): Promise<RoomEvents[K]> {
  return new Promise((resolve) => room.addEventListener(type, resolve, { once: true }));
}

test('a host that stops says when to come back', async () => {
  const host = await startHost();
  const anna = await join(host, 'anna');
  const lost = next(anna, 'reconnecting');
  await host.host.close();
  const { code, delay } = await lost;
  expect(code).toBe(1001);
  expect(delay).toBeGreaterThanOrEqual(500);
  await startHost({ port: host.port });
  await next(anna, 'open');
});

test('an observer hears a room without being in it', async () => {
  const host = await startHost();
  const anna = await join(host, 'anna');
  const watching = await join(host, '', { observe: true });
  expect([anna.streams, watching.streams]).toEqual([['anna'], ['anna']]);
  const change = next(watching, 'roster');
  await join(host, 'ben');
  expect(await change).toMatchObject({ joined: ['ben'], left: [] });
});

test('metadata is told to those who ask for it, when somebody joins and when it changes', async () => {
  const host = await startHost();
  const anna = await join(host, 'anna', { metadata: { name: 'Anna' } });
  const ben = await join(host, 'ben', { tellMetadata: true });
  expect(Object.fromEntries(ben.metadata)).toEqual({ anna: { name: 'Anna' } });
  expect(anna.metadata.size).toBe(0);
  const change = next(ben, 'metadata');
  anna.setMetadata({ name: 'Anna', hand: true });
  await change;
  expect(Object.fromEntries(ben.metadata)).toEqual({ anna: { name: 'Anna', hand: true } });
  const gone = next(ben, 'roster');
  anna.leave();
  await gone;
  expect(ben.metadata.size).toBe(0);
});

test('metadata that is too large is refused, however large it is, and one stays', async () => {
  const host = await startHost();
  const anna = await join(host, 'anna');
  for (const name of ['x'.repeat(2_000), 'x'.repeat(50_000), '名'.repeat(1_000)]) {
    const refused = next(anna, 'refused');
    anna.setMetadata({ name });
    expect((await refused).reason).toBe('the metadata is longer than 1024 bytes');
  }
  expect(anna.state).toBe('joined');
});

test('metadata that is too large on joining is refused, and one is in the room', async () => {
  const host = await startHost();
  const anna = joinRoom(`localhost:${host.port}`, {
    room: 'room',
    streamName: 'anna',
    metadata: { name: 'x'.repeat(9_000) },
    WebSocket,
  });
  rooms.push(anna);
  expect((await next(anna, 'refused')).reason).toBe('the metadata is longer than 1024 bytes');
  expect(anna.state).toBe('joined');
});

test.each(['conference', 'conference.2'])(
  'a host that answers %s and speaks plain frames will do',
  async (answer) => {
    const host = new WebSocketServer({ port: 0, handleProtocols: () => answer });
    const said: string[] = [];
    host.on('connection', (member) => {
      member.on('message', (data) => said.push(String(data)));
      member.send('{"room":"room","streams":["anna"]}');
      member.send('{"room":"room","streams":["anna","ben"]}');
    });
    try {
      await once(host, 'listening');
      const { port } = host.address() as AddressInfo;
      const anna = joinRoom(`localhost:${port}`, { room: 'room', streamName: 'anna', WebSocket });
      rooms.push(anna);
      for await (const { streams } of anna) if (streams.length === 2) break;
      anna.setMetadata({ muted: true });
      const [member] = host.clients;
      anna.leave();
      if (member !== undefined) await once(member, 'close');
      expect(said).toEqual([]);
    } finally {
      host.close();
      for (const member of host.clients) member.terminate();
    }
  },
);
