import { once } from 'node:events';
import { openSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Duplex, PassThrough, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import {
  bytesWaiting,
  endReceiverOnce,
  inodeOf,
  isHeldBySystem,
  takeInTurn,
} from '../../src/sockets/corners';
import { SendQueues } from '../../src/sockets/send-queues';
import { joinTarget, startHost } from '../helpers/host';
import { ManualClock } from '../helpers/manual-clock';
import { clientFrame } from '../helpers/raw-client';

/** Two ends of a TCP connection, of which the second does not read. */
async function pair(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  ends.push(socket, client);
  return [socket, client];
}

const ends: Socket[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end.destroy();
});

test('a receiver is ended once, however often somebody ends it', () => {
  const receiver = new PassThrough();
  const failed = jest.fn();
  receiver.on('error', failed);
  endReceiverOnce({ _receiver: receiver } as unknown as WebSocket);
  receiver.end();
  receiver.end(failed);
  expect([receiver.writableEnded, receiver.read()]).toEqual([true, null]);
  expect(failed).not.toHaveBeenCalled();
});

test('where there is no receiver, nothing is done', () => {
  expect(() => endReceiverOnce({} as WebSocket)).not.toThrow();
});

test('no visit costs an error of a stream that is ended twice', async () => {
  const { join, raw } = await startHost();
  const anna = await join('room', 'anna');
  const written = jest.spyOn(Writable.prototype, 'end');
  const ben = await raw();
  await ben.join(joinTarget('room', 'ben'));
  await anna.until('anna', 'ben');
  ben.send(clientFrame(0x88));
  await anna.until('anna');
  await ben.closed;
  const ended = written.mock.contexts.filter((stream, index, all) => all.indexOf(stream) !== index);
  written.mockRestore();
  expect(ended.filter((stream) => (stream as object).constructor.name === 'Receiver')).toEqual([]);
});

test('what waits shrinks while the other end takes part of a chunk', async () => {
  const [socket, client] = await pair();
  socket.write(Buffer.alloc(32 << 20));
  await new Promise(setImmediate);
  const before = bytesWaiting(socket);
  client.resume();
  while (client.bytesRead < 8 << 20) await once(client, 'data');
  expect(bytesWaiting(socket)).toBeLessThan(before);
});

test('a stream that takes in turn is given its chunks one by one, in their order, when it is their turn', async () => {
  const taken: string[] = [];
  const turns: (() => void)[] = [];
  const stream = new Writable({
    writev(chunks, done) {
      taken.push(chunks.map(({ chunk }) => String(chunk)).join('+'));
      done();
    },
    write(chunk, _encoding, done) {
      taken.push(String(chunk));
      done();
    },
  });
  takeInTurn(stream as unknown as Duplex, (send) => turns.push(send));
  for (const chunk of ['a', 'b', 'c']) stream.write(chunk);
  const finished = once(stream, 'finish');
  stream.end();
  for (const expected of ['', 'a', 'a b', 'a b c']) {
    expect(taken.join(' ')).toBe(expected);
    turns.shift()?.();
    await new Promise(setImmediate);
  }
  await finished;
  expect(turns).toEqual([]);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('the system tells what the other end has not acknowledged', async () => {
  const [socket, client] = await pair();
  const inode = inodeOf(socket);
  if (inode === undefined) throw new Error('the socket has no inode');
  const queues = new SendQueues(new ManualClock());
  expect(await queues.lengthOf(inode)).toBe(0);
  socket.write(Buffer.alloc(32 << 20));
  await new Promise(setImmediate);
  const full = await new SendQueues(new ManualClock()).lengthOf(inode);
  expect(full).toBeGreaterThan(10_000);
  client.resume();
  while (client.bytesRead < 32 << 20) await once(client, 'data');
  client.destroy();
  expect(await new SendQueues(new ManualClock()).lengthOf('no inode')).toBeUndefined();
});

test('a socket that is closed has no inode', async () => {
  const [socket] = await pair();
  socket.destroy();
  expect(inodeOf(socket)).toBeUndefined();
});

onLinux(
  'the tables are read after all who ask at a time have asked, and a while later for who asks next',
  async () => {
    const clock = new ManualClock();
    const [socket, client] = await pair();
    const inode = inodeOf(socket) ?? '';
    const queues = new SendQueues(clock);
    const asked = [queues.lengthOf(inode), queues.lengthOf(inode)];
    expect(await Promise.all(asked)).toEqual([0, 0]);
    const askedNext = queues.lengthOf(inode);
    await new Promise(setImmediate);
    socket.write(Buffer.alloc(32 << 20));
    await new Promise(setImmediate);
    clock.advance(500);
    expect(await askedNext).toBeGreaterThan(0);
    expect(clock.waiting).toBe(0);
    client.destroy();
  },
);

describe('a stream that does not tell what the system holds', () => {
  test('has what it holds itself waiting, and waits for the system', () => {
    const stream = new PassThrough().pause();
    stream.cork();
    stream.write('four');
    expect(bytesWaiting(stream)).toBe(4);
    expect(isHeldBySystem(stream)).toBe(true);
  });

  test.each([
    ['is closed', null],
    ['has no descriptor', {}],
    ['has a descriptor no more', { fd: -1 }],
    ['has one that is no socket', { fd: openSync(__filename, 'r') }],
  ])('has no inode where it %s', (_what, handle) => {
    expect(inodeOf({ _handle: handle } as unknown as Duplex)).toBeUndefined();
  });
});

test('a socket is held by the system while it has not taken all', async () => {
  const [socket, client] = await pair();
  expect(isHeldBySystem(socket)).toBe(false);
  const taken = new Promise<void>((resolve) => socket.write(Buffer.alloc(32 << 20), () => resolve()));
  expect(isHeldBySystem(socket)).toBe(true);
  client.resume();
  await taken;
  expect([isHeldBySystem(socket), bytesWaiting(socket)]).toEqual([false, 0]);
});
