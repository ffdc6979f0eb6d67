import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { InFlight } from '../../src/conference/in-flight';
import type { Departure } from '../../src/events';
import type { Connection } from '../../src/sockets/connection';
import { textFrame } from '../../src/sockets/frame';
import { SendQueues } from '../../src/sockets/send-queues';
import { SocketServer } from '../../src/sockets/server';
import { makeCertificate } from '../helpers/certificates';
import { ManualClock } from '../helpers/manual-clock';
import { describeWith } from '../helpers/programs';
import { clientFrame, RawClient } from '../helpers/raw-client';

const FLOODING = { code: 1008, reason: 'flooding' };
const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

type Transport = 'TCP' | 'TLS';

function serverOver(transport: Transport) {
  if (transport === 'TCP') return createServer();
  const { cert, key } = makeCertificate('peer.example');
  return createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
}

/**
 * A raw client that has asked for an upgrade, and the server's end of its socket; time moves by hand.
 * `open` completes the handshake and makes a member of it, in one turn.
 * `tell` gives it a roster now, or the newest one once it is ready.
 */
async function asked(transport: Transport = 'TCP', inTurn = (send: () => void) => send()) {
  const clock = new ManualClock();
  const server = serverOver(transport).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await (transport === 'TCP' ? RawClient.connect(port) : RawClient.connectSecurely(port));
  client.sendHandshake('/');
  const [request, socket, head] = await once(server, 'upgrade');
  cleanUps.push(() => {
    server.close();
    client.socket.destroy();
    socket.destroy();
  });
  const inFlight = new InFlight();
  /** What it is owed while it is behind. */
  let newest: Buffer | undefined;
  const open = () => {
    let onLeft: (departure: Departure) => void;
    const gone = new Promise<Departure>((resolve) => {
      onLeft = resolve;
    });
    const sockets = new SocketServer({
      clock,
      inFlight,
      sendQueues: new SendQueues(clock),
      flooding: FLOODING,
      left: (_, departure) => onLeft(departure),
      ready: tellNewest,
      inTurn,
      ignored() {},
      requested() {},
      noted() {},
    });
    const member = sockets.handshake(request, socket, head);
    if (member === undefined || 'problem' in member) throw new Error('the handshake has failed');
    member.admit({ id: 1, room: 'room', streamName: 'anna', address: '127.0.0.1', since: 0 }, [], {});
    const tell = (roster: Buffer) => {
      newest = roster;
      tellNewest(member);
    };
    return { member, tell, gone, sockets };
  };
  function tellNewest(member: Connection): void {
    if (newest !== undefined && member.take(newest)) newest = undefined;
  }
  return { clock, client, socket, inFlight, open };
}

/** A member on one end of a real socket and a raw client on the other. */
async function pair(transport?: Transport, inTurn?: (send: () => void) => void) {
  const { open, ...ends } = await asked(transport, inTurn);
  const opened = open();
  await ends.client.until('\r\n\r\n');
  return { ...ends, ...opened };
}

/** A roster too large for the kernel's buffers to take many of. */
const largeRoster = (n: number) => textFrame(`roster ${n};${'x'.repeat(1 << 20)}`);
const ROSTERS = 40;
/** More than the kernel's buffers hold, so that some of it must have come from the peer. */
const READ_IN_A_ROUND = 12 << 20;

/** The peer reads again when many large rosters have been sent. */
async function overwhelm(transport: Transport): Promise<void> {
  const { tell, socket, client } = await pair(transport);
  client.socket.pause();
  for (let n = 1; n <= ROSTERS; n++) {
    tell(largeRoster(n));
    expect(socket.writableLength).toBeLessThanOrEqual(largeRoster(n).length);
    await new Promise(setImmediate);
  }
  client.socket.resume();
  const received = await client.until(`roster ${ROSTERS};`);
  const heard = [...received.matchAll(/roster (\d+);/g)].map(([, n]) => Number(n));
  expect(heard.length).toBeLessThan(ROSTERS / 2);
  expect(heard).toEqual([...heard].sort((a, b) => a - b));
  await client.until('x');
}

describe('a peer that does not read', () => {
  test('holds one roster in memory, and gets the newest when it reads again', () => overwhelm('TCP'));

  test('is dropped when it takes nothing for 10 s', async () => {
    const { tell, client, clock, gone } = await pair();
    client.socket.pause();
    for (let n = 1; n <= ROSTERS; n++) tell(largeRoster(n));
    clock.advance(9_900);
    tell(largeRoster(ROSTERS + 1));
    clock.advance(1_100);
    expect(await gone).toEqual({ code: 1006, reason: 'reads nothing', dropped: true });
    client.socket.resume();
    await client.closed;
  });

  test('is left alone while it takes something, however slowly', async () => {
    const { tell, socket, client, clock } = await pair();
    client.socket.pause();
    let gone = false;
    socket.on('close', () => {
      gone = true;
    });
    tell(textFrame('x'.repeat(80 << 20)));
    for (let round = 1; round <= 5; round++) {
      clock.advance(9_500);
      client.socket.resume();
      while (client.socket.bytesRead < round * READ_IN_A_ROUND) await once(client.socket, 'data');
      client.socket.pause();
    }
    expect(gone).toBe(false);
  });

  test('is left alone when what waits is little', async () => {
    const { tell, socket, client, clock } = await pair();
    client.socket.pause();
    socket.cork();
    tell(textFrame('x'.repeat(60_000)));
    clock.advance(60_000);
    expect(socket.destroyed).toBe(false);
    socket.uncork();
    client.socket.resume();
    await client.until('x'.repeat(60_000));
  });
});

describeWith('openssl', 'a peer that does not read, over TLS', () => {
  test('holds one roster in memory, and gets the newest when it reads again', () => overwhelm('TLS'));
});

/** Waits until the client has read so much more. */
async function readMore(client: RawClient, bytes: number): Promise<void> {
  const enough = client.socket.bytesRead + bytes;
  client.socket.resume();
  while (client.socket.bytesRead < enough) await once(client.socket, 'data');
  client.socket.pause();
}

describeWith('openssl', 'over TLS', () => {
  test('only the piece that is on its way is a copy, however large the roster', async () => {
    const { tell, client, inFlight, socket } = await pair('TLS');
    client.socket.pause();
    const before = inFlight.bytes;
    tell(textFrame('x'.repeat(16 << 20)));
    expect(inFlight.bytes - before).toBeLessThanOrEqual(64 * 1024);
    expect((socket as unknown as Encrypting)._handle.writeQueueSize).toBeLessThan(65 * 1024);
    client.socket.resume();
    while (inFlight.bytes > 0) await once(client.socket, 'data');
    await client.until('x'.repeat(1 << 20));
  });

  test('pieces that wait for their turn are no sign of life, and nobody is dropped for them', async () => {
    const pieces: (() => void)[] = [];
    const { member, tell, client, clock, socket } = await pair('TLS', (send) => pieces.push(send));
    client.socket.pause();
    tell(textFrame('x'.repeat(200_000)));
    while (pieces.length === 0) await new Promise(setImmediate);
    for (let second = 1; second <= 15; second++) clock.advance(1_000);
    while (socket.writableLength > 0) {
      pieces.shift()?.();
      await new Promise(setImmediate);
      clock.advance(1_000);
    }
    expect(member.lastAlive).toBe(0);
    expect(member.isMember).toBe(true);
  });

  test("what was never taken is given back to the node's budget with the socket", async () => {
    const { tell, member, client, inFlight, socket } = await pair('TLS');
    client.socket.pause();
    tell(textFrame('x'.repeat(16 << 20)));
    expect(inFlight.bytes).toBeGreaterThan(0);
    member.drop('enough');
    if (!socket.closed) await once(socket, 'close');
    await new Promise(setImmediate);
    expect(inFlight.bytes).toBe(0);
  });

  test('control frames wait for the roster before them, whose pieces stay together', async () => {
    const { tell, member, client } = await pair('TLS');
    client.socket.pause();
    tell(textFrame('x'.repeat(4 << 20)));
    member.ping();
    member.close({ code: 4000, reason: 'end' });
    client.socket.resume();
    const received = await client.until('end');
    const roster = 'x'.repeat(4 << 20);
    expect(received.slice(received.indexOf(roster) + roster.length)).toBe('\x89\x00\x88\x05\x0f\xa0end');
  });
});

interface Encrypting {
  readonly _handle: { readonly writeQueueSize: number };
}

describe('signs of life', () => signsOfLife('TCP'));
describeWith('openssl', 'signs of life over TLS', () => signsOfLife('TLS'));

function signsOfLife(transport: Transport): void {
  test('are the bytes that a slow reader takes of what has waited', async () => {
    const { member, tell, client, clock } = await pair(transport);
    client.socket.pause();
    tell(textFrame('x'.repeat(64 << 20)));
    for (let second = 0; second < 5; second++) clock.advance(1_000);
    expect(member.lastAlive).toBe(0);
    await readMore(client, READ_IN_A_ROUND);
    clock.advance(1_000);
    expect(member.lastAlive).toBe(5_000);
  });

  test('are not what fits into the buffers of the system', async () => {
    const { member, tell, client, clock, socket } = await pair(transport);
    client.socket.pause();
    for (let second = 1; second <= 20; second++) {
      tell(textFrame('x'.repeat(100)));
      while (socket.writableLength > 0) await new Promise(setImmediate);
      clock.advance(1_000);
    }
    expect(member.lastAlive).toBe(0);
  });
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a member whose roster waits in the buffers of the system', () => {
  test('shows life as it acknowledges it, and none while it does not', async () => {
    const { member, tell, client, clock } = await pair();
    client.socket.pause();
    expect(member.isHeldUp).toBe(false);
    tell(textFrame('x'.repeat(64 << 20)));
    expect(member.isHeldUp).toBe(true);
    await new Promise(setImmediate);
    const measureAt = async (time: number) => {
      clock.advance(time - clock.now());
      await member.measure();
    };
    let lastSign: number;
    do {
      lastSign = member.lastAlive;
      await measureAt(clock.now() + 600);
    } while (clock.now() < 1_200 || member.lastAlive > lastSign);
    const lastMeasured = clock.now();
    await readMore(client, READ_IN_A_ROUND);
    await measureAt(lastMeasured + 600);
    expect(member.lastAlive).toBe(lastMeasured);
  });

  test('shows no life with what it acknowledges before and behind its ping', async () => {
    const { member, tell, clock, client } = await pair();
    const tellAndMeasure = async (time: number) => {
      tell(textFrame(`${time};${'x'.repeat(30_000)}`));
      await client.until(`${time};`);
      clock.advance(time - clock.now());
      await member.measure();
    };
    await tellAndMeasure(600);
    member.ping();
    for (let time = 1_200; time <= 6_000; time += 600) await tellAndMeasure(time);
    expect(member.lastAlive).toBe(0);
  });

  test('shows no life with what is sent to it while the system is asked', async () => {
    const { member, tell, client, clock } = await pair();
    client.socket.pause();
    const sendMeanwhile = async () => {
      clock.advance(600);
      const measured = member.measure();
      tell(textFrame('x'.repeat(1_000)));
      await measured;
    };
    for (let measurement = 0; measurement < 5; measurement++) await sendMeanwhile();
    expect(member.lastAlive).toBe(0);
  });

  test('can be measured when its socket is gone', async () => {
    const { member, socket } = await pair();
    socket.destroy();
    await member.measure();
    expect(member.lastAlive).toBe(0);
  });

  test('is held up by nothing once it has answered', async () => {
    const { member, tell, client, socket } = await pair();
    tell(textFrame('x'.repeat(20_000)));
    expect(member.isHeldUp).toBe(true);
    const heard = once(socket, 'data');
    client.send(clientFrame(0x8a));
    await heard;
    expect(member.isHeldUp).toBe(false);
  });
});

describe('a peer that has stopped reading', () => {
  test('and hangs up is gone at once, though a roster still waits for it', async () => {
    const { tell, client, socket, gone, clock } = await pair();
    client.socket.pause();
    while (socket.writableLength === 0) {
      tell(largeRoster(1));
      await new Promise(setImmediate);
    }
    client.socket.end();
    expect(await gone).toMatchObject({ code: 1006 });
    expect(socket.destroyed).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('is not dropped because the process has slept', async () => {
    const { tell, client, socket, clock } = await pair();
    client.socket.pause();
    for (let n = 1; n <= ROSTERS; n++) tell(largeRoster(n));
    clock.sleep(60_000);
    expect(socket.destroyed).toBe(false);
  });

  test('is dropped though more and more waits for it', async () => {
    const { tell, client, clock, gone, socket } = await pair();
    client.socket.pause();
    for (let n = 1; n <= ROSTERS; n++) tell(largeRoster(n));
    for (let second = 0; second < 11 && !socket.destroyed; second++) {
      socket.write('.');
      clock.advance(1_000);
    }
    expect(await gone).toMatchObject({ reason: 'reads nothing' });
  });
});

describe('a peer', () => {
  test('hears the newest roster last, though it comes while an older one is about to be sent', async () => {
    const { client, open } = await asked();
    const { tell, member } = open();
    tell(textFrame('first;'));
    tell(textFrame('waits;'));
    queueMicrotask(() => tell(textFrame('newest;')));
    await client.until('newest;');
    member.close({ code: 4000, reason: 'end' });
    const received = await client.until('end');
    expect(received.match(/\w+;/g)).toEqual(['first;', 'newest;']);
  });

  test('is told though something else still waits for it', async () => {
    const { tell, member, socket, client } = await pair();
    socket.cork();
    member.ping();
    tell(textFrame('a roster'));
    socket.uncork();
    await client.until('a roster');
  });

  test('is gone once, at the decision', async () => {
    const { member, gone, client } = await pair();
    member.close({ code: 4000, reason: 'go' });
    expect(await gone).toEqual({ code: 4000, reason: 'go' });
    member.drop('again');
    await client.closed;
  });

  test('that is gone is told nothing', async () => {
    const { tell, member, socket, client } = await pair();
    member.close({ code: 4000, reason: 'go' });
    const written = socket.bytesWritten;
    tell(textFrame('late'));
    member.ping();
    expect(socket.bytesWritten).toBe(written);
    client.send(clientFrame(0x88));
    expect(await client.untilClosed()).not.toMatch('late');
  });

  test.each([
    ['text', clientFrame(0x81, 'x'.repeat(100)), 39],
    ['empty text', clientFrame(0x81), 685],
    ['pongs', clientFrame(0x8a), 685],
  ])(
    'that floods with %s is closed with 1008 when its budget is spent, and is read no more',
    async (_, frame, most) => {
      const { socket, client, gone } = await pair();
      for (let n = 0; n <= most; n++) client.send(frame);
      expect(await gone).toEqual(FLOODING);
      expect(socket.isPaused()).toBe(true);
      await client.until('\x88\x0a\x03\xf0flooding');
    },
  );

  test('that asks for more pongs than it takes is cut off', async () => {
    const { socket, client, gone } = await pair();
    socket.cork();
    for (let ping = 0; ping < 6; ping++) client.send(clientFrame(0x89));
    expect(await gone).toMatchObject({ code: 1006 });
  });

  test('may say 256 bytes a second for as long as it likes', async () => {
    const { member, socket, client, clock } = await pair();
    for (let second = 0; second < 60; second++) {
      const heard = once(socket, 'data');
      client.send(clientFrame(0x81, 'x'.repeat(248)));
      await heard;
      clock.advance(1_000);
    }
    expect(member.lastAlive).toBe(59_000);
    expect(socket.isPaused()).toBe(false);
  });

  test('may send one message of the largest size', async () => {
    const { socket, client } = await pair();
    client.send(clientFrame(0x81, 'x'.repeat(4_096)));
    client.send(clientFrame(0x89));
    await client.until('\x8a\x00');
    expect(socket.isPaused()).toBe(false);
  });
});

test('a socket whose goodbyes are said is gone, though the client has not hung up', async () => {
  const { socket, client, gone } = await pair();
  client.send(clientFrame(0x88, Buffer.from([0x03, 0xe8])));
  await once(socket, 'finish');
  expect(socket.destroyed).toBe(true);
  expect(await gone).toEqual({ code: 1000, reason: '' });
});

test('the answer to a handshake leaves in one write with what is written right after it', async () => {
  const { client, socket, open } = await asked();
  const writes = [jest.spyOn(socket, '_write'), jest.spyOn(socket, '_writev')];
  open().tell(textFrame('a roster'));
  expect(await client.until('a roster')).toMatch(/^HTTP\/1\.1 101 /);
  expect(writes.flatMap(({ mock }) => mock.calls)).toHaveLength(1);
});

test('a socket whose end never comes does not keep the host from closing', async () => {
  const { socket, client, gone, sockets } = await pair();
  socket._final = () => {};
  client.socket.end();
  await gone;
  expect(sockets.size).toBe(1);
  await sockets.closeAll({ code: 1001, reason: 'the host stops' });
  expect([socket.destroyed, sockets.size]).toEqual([true, 0]);
});
