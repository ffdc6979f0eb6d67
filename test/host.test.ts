import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConferenceEvents, createConferenceHost, type Logger, SettingsError } from '../src/index';
import { TestClient } from './helpers/client';
import { joinTarget, startHost, type TestHost } from './helpers/host';
import { clientFrame, type RawClient } from './helpers/raw-client';

/** The next time the host says that this happens. */
async function next<E extends keyof ConferenceEvents>({ host }: TestHost, event: E) {
  return (await once(host.events, event)) as ConferenceEvents[E];
}

describe('joining and leaving', () => {
  test('the newcomer and everyone in the room get a roster for each join and each leave', async () => {
    const { join } = await startHost();
    const anna = await join('room', 'anna');
    const ben = await join('room', 'ben');
    expect(await anna.next()).toEqual({ room: 'room', streams: ['anna', 'ben'] });
    const carl = await join('room', 'carl');
    expect(await anna.nextStreams()).toEqual(['anna', 'ben', 'carl']);
    expect(await ben.nextStreams()).toEqual(['anna', 'ben', 'carl']);
    await ben.leave();
    expect(await anna.nextStreams()).toEqual(['anna', 'carl']);
    expect(await carl.nextStreams()).toEqual(['anna', 'carl']);
  });

  test('the roster is a text frame with room and streams, in this order and nothing else', async () => {
    const { open } = await startHost();
    const client = open(joinTarget('my "room"', 'é\u2028'));
    expect(await client.nextFrame()).toBe('{"room":"my \\"room\\"","streams":["é\u2028"]}');
  });

  test('a room gets nothing from another', async () => {
    const { join } = await startHost();
    const anna = await join('one', 'anna');
    const ben = await join('two', 'ben');
    await ben.leave();
    await join('one', 'carl');
    expect(await anna.until('anna', 'carl')).toHaveLength(1);
  });

  test('any path works, and so does an address that already has a query', async () => {
    const { open } = await startHost();
    const anna = open('/behind/a/prefix?room=R&streamName=anna');
    expect(await anna.nextStreams()).toEqual(['anna']);
    open('/?token=T&?room=R&streamName=ben');
    expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
  });

  test.each(['a+b', 'my room+é 100%', '__proto__', 'constructor', 'hasOwnProperty', '👩‍👩‍👧', ' '])(
    'the room %j is the room that its members named',
    async (name) => {
      const { join } = await startHost();
      const anna = await join(name, name);
      await join(name, 'ben');
      expect(await anna.next()).toEqual({ room: name, streams: [name, 'ben'] });
    },
  );

  test.each([
    ['resets the connection', (client: RawClient) => client.reset()],
    ['hangs up without a close frame', (client: RawClient) => client.socket.end()],
    ['says goodbye and then nothing more', (client: RawClient) => client.send(clientFrame(0x88))],
  ])('a member that %s is gone for the others', async (_, leave) => {
    const { join, raw } = await startHost();
    const anna = await join('room', 'anna');
    const ben = await raw();
    await ben.join(joinTarget('room', 'ben'));
    expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
    leave(ben);
    expect(await anna.nextStreams()).toEqual(['anna']);
  });

  test('a member that breaks the protocol is gone at once, even if its socket lingers', async () => {
    const started = await startHost();
    const anna = await started.join('room', 'anna');
    const ben = await started.raw();
    await ben.join(joinTarget('room', 'ben'));
    ben.socket.pause();
    const left = next(started, 'left');
    ben.send(clientFrame(0x83));
    expect((await left)[1]).toMatchObject({ code: 1002, reason: 'a frame breaks the WebSocket protocol' });
    await anna.until('anna');
  });

  test('messages of a member are ignored', async () => {
    const { join } = await startHost();
    const anna = await join('room', 'anna');
    const ben = await join('room', 'ben');
    ben.ws.send('this is not JSON');
    ben.ws.send(Buffer.from([0, 255]));
    ben.ws.send('');
    ben.ws.ping();
    await once(ben.ws, 'pong');
    await ben.leave();
    expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
    expect(await anna.nextStreams()).toEqual(['anna']);
  });

  test('a room that empties leaves no trace', async () => {
    const started = await startHost();
    for (let room = 0; room < 50; room++) {
      const members = await Promise.all(['a', 'b', 'c', 'd'].map((name) => started.join(`${room}`, name)));
      expect(started.host.roomCount).toBe(1);
      for (const member of members) member.reset();
      for (const _ of members) await next(started, 'left');
      expect(started.host.roomCount).toBe(0);
    }
  });
});

describe('a name held by two sockets', () => {
  test('is listed once, keeps its place, and leaves with the last of them', async () => {
    const { join } = await startHost();
    const first = await join('room', 'anna');
    const ben = await join('room', 'ben');
    const second = await join('room', 'anna');
    await first.leave();
    const carl = await join('room', 'carl');
    await ben.until('anna', 'ben', 'carl');
    await second.leave();
    await ben.until('ben', 'carl');
    await carl.until('ben', 'carl');
  });

  test('survives a reload whose old socket dies later', async () => {
    const started = await startHost();
    const ben = await started.join('room', 'ben');
    const old = await started.raw();
    await old.join(joinTarget('room', 'anna'));
    const fresh = await started.join('room', 'anna');
    const left = next(started, 'left');
    old.reset();
    await left;
    await started.join('room', 'carl');
    for (const { streams } of await ben.until('ben', 'anna', 'carl')) expect(streams).toContain('anna');
    expect(fresh.ws.readyState).toBe(fresh.ws.OPEN);
  });
});

describe('a client that is refused', () => {
  test.each([
    ['/', 'room is missing'],
    ['/?room=R', 'streamName is missing'],
    ['/?room=&streamName=S', 'room is empty'],
    [`/?room=R&streamName=${'x'.repeat(257)}`, 'streamName is longer than 256 bytes'],
    ['/?room=%00&streamName=S', 'room contains control characters'],
  ])('%s is accepted, closed with 4400 and told: %s', async (target, reason) => {
    const started = await startHost();
    const refused = next(started, 'refused');
    const client = started.open(target);
    expect(await client.closed).toEqual({ code: 4400, reason });
    expect(client.unread()).toEqual([]);
    expect((await refused)[0]).toMatchObject({
      name: 'bad_request',
      code: 4400,
      reason,
      address: '127.0.0.1',
    });
  });

  test('appears in no room, and causes no roster', async () => {
    const { join, open } = await startHost();
    const anna = await join('room', 'anna');
    await open('/?room=room').closed;
    await open('/?room=room&streamName=%01').closed;
    await join('room', 'ben');
    expect(await anna.until('anna', 'ben')).toHaveLength(1);
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ['has no Host', { Host: undefined }, '400 Bad Request'],
    ['has no key', { 'Sec-WebSocket-Key': undefined }, '400 Bad Request'],
    ['has a key of the wrong length', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }, '400 Bad Request'],
    ['has no version', { 'Sec-WebSocket-Version': undefined }, '426 Upgrade Required'],
    ['speaks version 8', { 'Sec-WebSocket-Version': '8' }, '426 Upgrade Required'],
    ['wants another protocol', { Upgrade: 'h2c' }, '426 Upgrade Required'],
    ['offers a broken subprotocol', { 'Sec-WebSocket-Protocol': 'a,,b' }, '400 Bad Request'],
  ])('and %s is answered before the upgrade', async (_, headers, status) => {
    const { raw } = await startHost();
    const client = await raw();
    client.sendHandshake(joinTarget('room', 'anna'), headers);
    const answer = await client.untilClosed();
    expect(answer).toMatch(`HTTP/1.1 ${status}\r\n`);
    expect(answer).toMatch(/\r\n\r\n[^\r\n]+\n$/);
    if (status.startsWith('426')) expect(answer).toMatch('Sec-WebSocket-Version: 13\r\n');
  });

  test('for a POST handshake gets 400', async () => {
    const { raw } = await startHost();
    const client = await raw();
    client.send('POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    expect(await client.untilClosed()).toMatch('HTTP/1.1 400 Bad Request\r\n');
  });

  test('for a request without its Upgrade header is told to open a WebSocket', async () => {
    const { port } = await startHost();
    const response = await fetch(`http://127.0.0.1:${port}/?room=room&streamName=anna`);
    expect(response.status).toBe(426);
    expect(await response.text()).toMatch(/open a WebSocket .*room=R&streamName=S/);
  });

  test('for speaking HTTP/1.0 gets 400', async () => {
    const { raw } = await startHost();
    const client = await raw();
    client.send(
      'GET /?room=r&streamName=s HTTP/1.0\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(await client.untilClosed()).toMatch('HTTP/1.1 400 Bad Request\r\n');
  });

  test('for pipelining its handshake behind a plain request joins nothing', async () => {
    const started = await startHost();
    const anna = await started.join('room', 'anna');
    const client = await started.raw();
    client.socket.cork();
    client.send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    client.sendHandshake(joinTarget('room', 'ben'));
    client.socket.uncork();
    expect(await client.untilClosed()).not.toMatch('101 Switching Protocols');
    await started.join('room', 'carl');
    expect(await anna.until('anna', 'carl')).toHaveLength(1);
  });

  test('is logged with the room and the stream that it asked for', async () => {
    const started = await startHost({ maxRoomSize: 1 });
    await started.join('room', 'anna');
    const refused = next(started, 'refused');
    await started.open(joinTarget('room', 'ben')).closed;
    expect((await refused)[0]).toMatchObject({ name: 'room_full', room: 'room', streamName: 'ben' });
  });
});

describe('bad input', () => {
  /** What a joined client sends, and the close code by which it is told. */
  const frames: [string, Buffer, number][] = [
    ['an unmasked frame', Buffer.from([0x81, 0x02, 0x68, 0x69]), 1002],
    ['a reserved opcode', clientFrame(0x83), 1002],
    ['a reserved control opcode', clientFrame(0x8b), 1002],
    ['RSV1 without an extension', clientFrame(0xc1, 'x'), 1002],
    ['RSV2', clientFrame(0xa1, 'x'), 1002],
    ['RSV3', clientFrame(0x91, 'x'), 1002],
    ['a continuation of nothing', clientFrame(0x80, 'x'), 1002],
    ['a message inside a message', Buffer.concat([clientFrame(0x01, 'x'), clientFrame(0x81, 'y')]), 1002],
    ['a fragmented ping', clientFrame(0x09), 1002],
    ['a ping of 126 bytes', clientFrame(0x89, 'x'.repeat(126)), 1002],
    ['a close frame of one byte', clientFrame(0x88, 'x'), 1002],
    ['a close frame with code 1005', clientFrame(0x88, Buffer.from([0x03, 0xed])), 1002],
    ['a close reason that is not UTF-8', clientFrame(0x88, Buffer.from([0x03, 0xe8, 0xff])), 1007],
    ['text that is not UTF-8', clientFrame(0x81, Buffer.from([0xc3, 0x28])), 1007],
    ['a message of 4,097 bytes', clientFrame(0x81, 'x'.repeat(4097)), 1009],
    ['a header that announces 2 GiB', Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]), 1009],
    [
      'a length of 64 bits',
      Buffer.from([0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]),
      1009,
    ],
    [
      'more fragments than a message may have',
      Buffer.concat([clientFrame(0x01, 'x'), ...Array(8).fill(clientFrame(0x00, 'x'))]),
      1008,
    ],
  ];

  test.each(frames)(
    '%s costs its sender the connection, and nobody else anything',
    async (_, bytes, code) => {
      const { join, raw } = await startHost();
      const anna = await join('other', 'anna');
      const attacker = await raw();
      await attacker.join(joinTarget('room', 'attacker'));
      attacker.send(bytes);
      const answer = await attacker.untilClosed();
      expect(answer.slice(-2)).toBe(String.fromCharCode(code >> 8, code & 0xff));
      await join('other', 'ben');
      expect(await anna.until('anna', 'ben')).toHaveLength(1);
    },
  );

  /** What a stranger sends instead of a handshake. */
  const strangers: [string, string][] = [
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['a request line that ends nowhere', 'GET /?room=R&streamName=S\r\n\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n'],
    ['headers that never seem to end', `GET / HTTP/1.1\r\nHost: h\r\n${'X-A: b\r\n'.repeat(4_000)}`],
    ['a target of 64 KiB', `GET /?room=${'x'.repeat(65_536)} HTTP/1.1\r\n\r\n`],
    ['CONNECT', 'CONNECT host:1 HTTP/1.1\r\nHost: host:1\r\n\r\n'],
    [
      'a chunk size that is no number',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
  ];

  test.each(strangers)('%s instead of a handshake costs nobody else anything', async (_, bytes) => {
    const { join, raw } = await startHost();
    const anna = await join('other', 'anna');
    const stranger = await raw();
    stranger.send(Buffer.from(bytes, 'latin1'));
    await stranger.closed;
    await join('other', 'ben');
    expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
  });

  test('frames that come with the handshake are read as frames', async () => {
    const { raw } = await startHost();
    const client = await raw();
    client.socket.cork();
    client.sendHandshake(joinTarget('room', 'anna'));
    client.send(clientFrame(0x89, 'hello'));
    client.socket.uncork();
    await client.until('\x8a\x05hello');
  });

  test('resets at any moment of the handshake do no harm', async () => {
    const { join, port } = await startHost();
    const anna = await join('room', 'anna');
    const handshake =
      'GET /?room=room&streamName=x HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    for (const length of [0, 1, 40, handshake.length - 1, handshake.length]) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      if (length > 0) await new Promise((resolve) => socket.write(handshake.slice(0, length), resolve));
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    await join('room', 'ben');
    await anna.until('anna', 'ben');
  });

  test('a client that disconnects before its handshake is done is in no room', async () => {
    const { join, raw } = await startHost();
    const anna = await join('room', 'anna');
    const ben = await raw();
    ben.sendHandshake(joinTarget('room', 'ben'));
    ben.socket.end();
    await ben.closed;
    await join('room', 'carl');
    await anna.until('anna', 'carl');
  });
});

describe('closing', () => {
  test('closes every socket with 1001, even refused ones, and sends no roster', async () => {
    const { host, join, raw } = await startHost();
    const members = await Promise.all(['a', 'b', 'c'].map((name) => join('room', name)));
    await members[0]?.until('a', 'b', 'c');
    for (const member of members) member.unread();
    const halfOpen = await raw();
    halfOpen.send('GET / HTTP/1.1\r\n');
    await host.close();
    for (const member of members) {
      expect(await member.closed).toEqual({ code: 1001, reason: 'the host is going away' });
      expect(member.unread()).toEqual([]);
    }
    await halfOpen.closed;
    expect(host.roomCount).toBe(0);
  });

  test('does not wait for sockets that never answer', async () => {
    const { host, raw } = await startHost();
    const mute = await raw();
    await mute.join(joinTarget('room', 'mute'));
    mute.socket.pause();
    await host.close();
  });

  test('aborts a start in progress, and cannot be undone', async () => {
    const host = createConferenceHost({ port: 0, host: '127.0.0.1' });
    const starting = host.start().catch((error: Error) => error.message);
    await host.close();
    await starting;
    await expect(host.start()).rejects.toThrow('the host is closed');
    expect(() => host.address).toThrow('the host is not listening');
  });

  test('may be called twice, and before the start', async () => {
    const host = createConferenceHost({ port: 0 });
    await host.close();
    const { host: started } = await startHost();
    await Promise.all([started.close(), started.close()]);
  });
});

describe('embedding', () => {
  test('a port in use is an error that the program can catch', async () => {
    const { port } = await startHost();
    const second = createConferenceHost({ port, host: '127.0.0.1' });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  test('a host can be started again once the port is free, but not twice', async () => {
    const first = await startHost();
    const second = createConferenceHost({ port: first.port, host: '127.0.0.1' });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.host.close();
    await second.start();
    await expect(second.start()).rejects.toThrow('the host is already listening');
    const anna = first.open(joinTarget('room', 'anna'));
    expect(await anna.nextStreams()).toEqual(['anna']);
    await second.close();
  });

  test('listeners get an event only after the host has updated its state', async () => {
    const started = await startHost();
    const rooms: number[] = [];
    started.host.events.on('joined', () => rooms.push(started.host.roomCount));
    started.host.events.on('left', () => rooms.push(started.host.roomCount));
    const anna = await started.join('room', 'anna');
    const left = next(started, 'left');
    await anna.leave();
    await left;
    expect(rooms).toEqual([1, 0]);
  });

  test('a host whose preparation failed can be started again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'conference-host-'));
    const [tlsCert, tlsKey] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const host = createConferenceHost({ port: 0, host: '127.0.0.1', tlsCert, tlsKey });
    await expect(host.start()).rejects.toThrow(SettingsError);
    await expect(host.start()).rejects.toThrow('cert.pem');
    await host.close();
    rmSync(folder, { recursive: true });
  });

  test('of two simultaneous starts one is refused', async () => {
    const host = createConferenceHost({ port: 0, host: '127.0.0.1' });
    const first = host.start();
    await expect(host.start()).rejects.toThrow('the host is already starting');
    await first;
    expect((await fetch(`http://127.0.0.1:${host.address.port}/healthz`)).status).toBe(200);
    await host.close();
  });

  test('a listener that throws is logged and does no harm to other listeners, the room or closing', async () => {
    const lines: unknown[] = [];
    const error = (_facts: object, message: string) => void lines.push(message);
    const logger = { debug() {}, info() {}, warn() {}, error } as unknown as Logger;
    const started = await startHost({ logger });
    const heard: string[] = [];
    for (const event of ['joined', 'left', 'told'] as const) {
      started.host.events.on(event, () => {
        throw new Error('for this test');
      });
      started.host.events.on(event, async () => {
        throw new Error('later, for this test');
      });
      started.host.events.on(event, () => heard.push(event));
    }
    const anna = await started.join('room', 'anna');
    const ben = await started.join('room', 'ben');
    await ben.leave();
    await anna.until('anna');
    await started.host.close();
    expect(await anna.closed).toMatchObject({ code: 1001 });
    expect(heard.filter((event) => event === 'joined')).toHaveLength(2);
    expect(heard.filter((event) => event === 'left')).toHaveLength(2);
    expect(new Set(lines)).toEqual(new Set(['a listener of the embedding program failed']));
  });

  test('a listener that throws when members are dropped does not stop the heartbeat', async () => {
    const started = await startHost({ pingInterval: 0.05, pongTimeout: 0.05 });
    started.host.events.on('left', () => {
      throw new Error('for this test');
    });
    const anna = await started.join('room', 'anna');
    for (const name of ['ben', 'carl']) {
      const dead = await started.raw();
      await dead.join(joinTarget('room', name));
      await anna.until('anna', name);
      await anna.until('anna');
    }
  });

  test('listeners get plain facts, not the live member', async () => {
    const started = await startHost();
    const joined = next(started, 'joined');
    await started.join('room', 'anna');
    const [facts] = await joined;
    expect(Object.getPrototypeOf(facts)).toBe(Object.prototype);
    expect(facts).toEqual({
      id: 1,
      room: 'room',
      streamName: 'anna',
      address: '127.0.0.1',
      since: expect.any(Number),
    });
  });

  test('a program lists rooms and members, and removes one', async () => {
    const { host, join: joinRoom } = await startHost();
    const anna = await joinRoom('red5', 'anna');
    await joinRoom('red5', 'ben');
    await joinRoom('other', 'carl');
    expect([host.rooms(), host.roster('red5'), host.roster('nobody')]).toEqual([
      ['red5', 'other'],
      ['anna', 'ben'],
      [],
    ]);
    const [first, second] = host.members('red5');
    expect([first?.streamName, second?.streamName, host.members('nobody')]).toEqual(['anna', 'ben', []]);
    expect(host.remove(first?.id ?? 0)).toBe(true);
    expect(await anna.closed).toEqual({ code: 4403, reason: 'removed by an operator' });
    expect([host.remove(first?.id ?? 0), host.roster('red5')]).toEqual([false, ['ben']]);
  });

  test('a host attached to a program’s server takes only its own path', async () => {
    const server = createServer((_request, response) => response.end('the program itself'));
    server.on('upgrade', (request, socket) => {
      if (request.url === '/other') socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const host = createConferenceHost();
    await host.attach(server, '/conference');
    const open = (name: string) =>
      new TestClient(`ws://127.0.0.1:${port}/conference${joinTarget('room', name)}`);
    const anna = open('anna');
    await anna.until('anna');
    const ben = open('ben');
    await anna.until('anna', 'ben');
    expect(host.members('room')).toHaveLength(2);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('the program itself');
    expect(await new TestClient(`ws://127.0.0.1:${port}/other`).refusedWith()).toMatchObject({ status: 200 });
    await host.close();
    expect([await anna.closed, await ben.closed]).toMatchObject([{ code: 1001 }, { code: 1001 }]);
    expect(server.listening).toBe(true);
    expect(server.listenerCount('upgrade')).toBe(1);
    server.close();
  });

  test('options are copied', async () => {
    const trustProxy = ['loopback'];
    const host = createConferenceHost({ port: 0, host: '127.0.0.1', trustProxy });
    trustProxy.push('nonsense');
    await host.start();
    await host.close();
  });

  test.each([
    [{ port: 70_000 }, 'port: 70000 is not valid: it takes a whole number from 0 to 65535'],
    [{ port: '8001' }, 'port: 8001 is not valid: it takes a whole number from 0 to 65535'],
    [{ host: '' }, 'host is empty: give it a value, or remove it'],
    [{ prot: 1 }, 'prot: there is no such option'],
    [{ toString: 1 }, 'toString: there is no such option'],
  ])('%j is refused with a message that names it', (options, message) => {
    expect(() => createConferenceHost(options as object)).toThrow(message);
  });
});
