/** One connection step by step, on a stream that takes what it is given when the test says so. */
import { createServer } from 'node:net';
import { InFlight } from '../../src/conference/in-flight';
import type { Departure } from '../../src/events';
import { Account } from '../../src/sockets/egress';
import { textFrame } from '../../src/sockets/frame';
import { PIECE } from '../../src/sockets/pieces';
import type { SendQueues } from '../../src/sockets/send-queues';
import { SocketServer } from '../../src/sockets/server';
import { HANDSHAKE, HeldStream } from '../helpers/held-stream';
import { ManualClock } from '../helpers/manual-clock';
import { clientFrame } from '../helpers/raw-client';

const FACTS = { id: 7, room: 'room', streamName: 'anna', address: '203.0.113.1', since: 42 };
const [TEXT, CLOSE, PONG] = [0x81, 0x88, 0x8a];
const turn = () => new Promise(setImmediate);

const streams: HeldStream[] = [];

afterEach(() => {
  for (const stream of streams.splice(0)) stream.destroy();
});

async function connect(over: 'TCP' | 'TLS' = 'TCP') {
  const clock = new ManualClock();
  const inFlight = new InFlight();
  const stream = new HeldStream();
  streams.push(stream);
  if (over === 'TLS') Object.assign(stream, { encrypted: true });
  const left: Departure[] = [];
  const [ready, ignored] = [jest.fn(), jest.fn()];
  const turns: (() => void)[] = [];
  /** What the system says of the bytes that are not acknowledged. */
  const queues = { length: 0 as number | undefined, asked: [] as string[] };
  const sendQueues = {
    async lengthOf(inode: string) {
      queues.asked.push(inode);
      return queues.length;
    },
  } as SendQueues;
  const sockets = new SocketServer({
    clock,
    inFlight,
    sendQueues,
    flooding: { code: 1008, reason: 'flooding' },
    left: (_, departure) => left.push(departure),
    ready,
    inTurn: (send) => turns.push(send),
    ignored,
  });
  const connection = sockets.handshake(HANDSHAKE, stream, Buffer.alloc(0));
  if (connection === undefined || 'problem' in connection) throw new Error('the handshake has failed');
  await turn();
  stream.text();
  const hear = async (...frames: Buffer[]) => {
    for (const frame of frames) stream.push(frame);
    await turn();
    await turn();
  };
  return { clock, inFlight, stream, left, ready, ignored, turns, queues, sockets, connection, hear };
}

async function member(over?: 'TCP' | 'TLS', accounts: Account[] = []) {
  const connected = await connect(over);
  connected.connection.admit(FACTS, accounts);
  return connected;
}

describe('a connection', () => {
  test('is nobody until it is admitted, and then who it is said to be', async () => {
    const { connection } = await connect();
    const { id, room, streamName, address, since, isOpen, isMember } = connection;
    expect([id, room, streamName, address, since, isOpen, isMember]).toEqual([0, '', '', '', 0, true, false]);
    connection.admit(FACTS, []);
    expect(connection).toMatchObject(FACTS);
    expect([connection.isOpen, connection.isMember]).toEqual([false, true]);
  });

  test('that goes before it is admitted says so to who asked, once, and has left nothing', async () => {
    const { connection, left } = await connect();
    const gone = jest.fn();
    connection.onGone(gone);
    connection.close({ code: 4000, reason: 'go' });
    expect(gone).toHaveBeenCalledTimes(1);
    expect([connection.isOpen, connection.isMember]).toEqual([false, false]);
    connection.drop('again');
    await turn();
    expect([gone.mock.calls.length, left]).toEqual([1, []]);
  });

  test('that was admitted tells who asked before nothing when it goes, and leaves once', async () => {
    const { connection, left, stream } = await connect();
    const gone = jest.fn();
    connection.onGone(gone);
    connection.admit(FACTS, []);
    connection.drop('enough');
    await turn();
    expect(left).toEqual([{ code: 1006, reason: 'enough', dropped: true }]);
    expect([gone.mock.calls.length, stream.destroyed, connection.isMember]).toEqual([0, true, false]);
  });

  test('that is closing is open no more, though it never was a member', async () => {
    const { connection, hear } = await connect();
    await hear(clientFrame(CLOSE));
    expect(connection.isOpen).toBe(false);
  });

  test.each([
    ['nothing', Buffer.alloc(0), { code: 1005, reason: '' }],
    ['a code', Buffer.from([0x0f, 0xa0]), { code: 4000, reason: '' }],
    ['a reason', Buffer.from('\x0f\xa0bye', 'latin1'), { code: 4000, reason: 'bye' }],
  ])('whose client closes with %s leaves with it', async (_what, payload, departure) => {
    const { left, hear } = await member();
    await hear(clientFrame(CLOSE, payload));
    expect(left).toEqual([departure]);
  });

  test('whose stream fails leaves with what has gone wrong', async () => {
    const { left, stream } = await member();
    stream.destroy(new Error('the cable is cut'));
    await turn();
    expect(left).toMatchObject([{ code: 1006 }]);
  });

  test('that breaks the protocol leaves with a violation, and others do not', async () => {
    const { left, hear } = await member();
    await hear(clientFrame(0x83));
    expect(left).toEqual([{ code: 1002, reason: '', violation: true }]);
  });

  test('whose client hangs up while something waits for it is destroyed at once', async () => {
    const { connection, stream, left } = await member();
    stream.isHeld = true;
    connection.take(textFrame('waits'));
    stream.push(null);
    await turn();
    expect(left).toEqual([{ code: 1006, reason: '' }]);
    expect(stream.destroyed).toBe(true);
  });

  test('counts what a member says, and not what others say', async () => {
    const { connection, ignored, hear } = await connect();
    await hear(clientFrame(TEXT, 'early'));
    expect(ignored).toHaveBeenCalledTimes(0);
    connection.admit(FACTS, []);
    await hear(clientFrame(TEXT, 'hello'));
    expect(ignored).toHaveBeenCalledTimes(1);
  });

  test('that floods hears why, and is read no more', async () => {
    const { stream, left, hear } = await member();
    await hear(clientFrame(TEXT, 'x'.repeat(4_000)), clientFrame(TEXT, 'x'.repeat(4_000)));
    expect(left).toEqual([{ code: 1008, reason: 'flooding' }]);
    expect([stream.text(), stream.isPaused()]).toEqual(['\x88\x0a\x03\xf0flooding', true]);
  });

  test('lives as it is heard', async () => {
    const { connection, clock, hear } = await member();
    clock.advance(5_000);
    expect(connection.lastAlive).toBe(0);
    await hear(clientFrame(PONG));
    expect(connection.lastAlive).toBe(5_000);
  });

  test('lives as it takes, which never makes it younger than it was', async () => {
    const { connection, clock, hear } = await member();
    clock.advance(5_000);
    await hear(clientFrame(PONG));
    connection.onTaken(4_000);
    expect(connection.lastAlive).toBe(5_000);
    connection.onTaken(6_000);
    expect(connection.lastAlive).toBe(6_000);
  });

  test('that takes nothing is dropped, and watched no more', async () => {
    const { connection, clock, stream, left } = await member();
    stream.isHeld = true;
    connection.take(textFrame('x'.repeat(70_000)));
    clock.advance(60_000);
    expect(left).toEqual([{ code: 1006, reason: 'takes nothing', dropped: true }]);
    expect(clock.waiting).toBe(0);
  });

  test('is held up by 16 KiB since it was heard', async () => {
    const { connection, hear } = await member();
    connection.take(Buffer.alloc(10_000));
    connection.take(Buffer.alloc(6_383));
    expect(connection.isHeldUp).toBe(false);
    connection.take(Buffer.alloc(1));
    expect(connection.isHeldUp).toBe(true);
    await hear(clientFrame(PONG));
    expect(connection.isHeldUp).toBe(false);
  });
});

describe('a roster', () => {
  test('that the system takes at once leaves nothing to wait for', async () => {
    const { connection, stream, ready, clock } = await member();
    expect(connection.take(Buffer.from('one'))).toBe(true);
    expect(connection.take(Buffer.from('two'))).toBe(true);
    expect([stream.text(), connection.behind, clock.waiting]).toEqual(['onetwo', false, 0]);
    expect(ready).not.toHaveBeenCalled();
  });

  test('is not sent while the one before waits; who is behind is told when that has left, once', async () => {
    const { connection, stream, ready, clock } = await member();
    stream.isHeld = true;
    expect(connection.take(Buffer.from('one'))).toBe(true);
    expect([connection.behind, clock.waiting]).toEqual([false, 1]);
    expect(connection.take(Buffer.from('two'))).toBe(false);
    expect(connection.behind).toBe(true);
    stream.takeAll();
    await turn();
    expect(ready.mock.calls).toEqual([[connection]]);
    expect(connection.take(Buffer.from('new'))).toBe(true);
    expect([stream.text(), connection.behind, clock.waiting]).toEqual(['onenew', false, 0]);
  });

  test('that waits makes nobody ready who is not behind', async () => {
    const { connection, stream, ready } = await member();
    stream.isHeld = true;
    connection.take(Buffer.from('one'));
    stream.takeAll();
    await turn();
    expect(ready).not.toHaveBeenCalled();
    expect(connection.take(Buffer.from('two'))).toBe(true);
  });

  test('is nothing to a connection that is closing', async () => {
    const { connection, stream } = await member();
    connection.close({ code: 4000, reason: 'go' });
    stream.text();
    expect(connection.take(Buffer.from('late'))).toBe(true);
    connection.ping();
    expect(stream.text()).toBe('');
  });

  test('that is owed is owed no more to who has gone', async () => {
    const { connection, stream, ready } = await member();
    stream.isHeld = true;
    connection.take(Buffer.from('one'));
    connection.take(Buffer.from('two'));
    connection.close({ code: 4000, reason: 'go' });
    expect(connection.behind).toBe(false);
    stream.takeAll();
    await turn();
    expect(ready).not.toHaveBeenCalled();
  });

  test('of one piece is sent as it is, a larger one in pieces: the first at once, the others in their turn', async () => {
    const { connection, stream, turns } = await member();
    connection.take(Buffer.alloc(PIECE, 'a'));
    expect(stream.taken.map(({ length }) => length)).toEqual([PIECE]);
    stream.text();
    connection.take(Buffer.alloc(2 * PIECE + 1, 'b'));
    expect([stream.text().length, turns.length]).toEqual([PIECE * 2 + 1, 0]);
    stream.isHeld = true;
    connection.take(Buffer.alloc(2 * PIECE + 1, 'c'));
    expect([stream.text(), turns.length]).toEqual(['', 0]);
    stream.takeOne();
    await turn();
    expect([stream.text(), turns.length]).toEqual(['c'.repeat(PIECE), 1]);
    turns.shift()?.();
    stream.takeAll();
    await turn();
    for (const send of turns.splice(0)) send();
    await turn();
    for (const send of turns.splice(0)) send();
    expect(stream.text()).toBe('c'.repeat(PIECE + 1));
  });
});

describe('a roster over TLS', () => {
  test('takes of the budget of the node what it copies, until that has left', async () => {
    const { connection, stream, inFlight } = await member('TLS');
    stream.isHeld = true;
    connection.take(Buffer.alloc(1_000));
    expect(inFlight.bytes).toBe(1_000);
    stream.takeAll();
    await turn();
    expect(inFlight.bytes).toBe(0);
  });

  test('takes one piece of it, however large it is, and gives that back with the socket', async () => {
    const { connection, stream, inFlight } = await member('TLS');
    stream.isHeld = true;
    connection.take(Buffer.alloc(10 * PIECE));
    expect(inFlight.bytes).toBe(PIECE);
    connection.drop('enough');
    await turn();
    expect(inFlight.bytes).toBe(0);
  });

  test('takes nothing of it over TCP', async () => {
    const { connection, stream, inFlight } = await member();
    stream.isHeld = true;
    connection.take(Buffer.alloc(1_000));
    expect(inFlight.bytes).toBe(0);
  });
});

describe('the budget of an address', () => {
  async function withAccounts() {
    const clock = new ManualClock();
    const accounts = ['network', 'site'].map((key) => new Account(key, clock, { burst: 100, rate: 100 }));
    const [network, site] = accounts as [Account, Account];
    return { budgetClock: clock, network, site, ...(await member('TCP', [network, site])) };
  }

  test('pays for what is sent, from all that count', async () => {
    const { connection, network, site, stream } = await withAccounts();
    expect(connection.take(Buffer.from('x'.repeat(100)))).toBe(true);
    expect([network.hasSome, site.hasSome, stream.text().length]).toEqual([false, false, 100]);
  });

  test('that is used up keeps a member behind until it fills again, and costs the others nothing', async () => {
    const { connection, network, site, stream, ready, budgetClock } = await withAccounts();
    site.spend(100);
    expect(connection.take(Buffer.from('one'))).toBe(false);
    expect([connection.behind, network.isFull(0), stream.text()]).toEqual([true, true, '']);
    expect(connection.take(Buffer.from('two'))).toBe(false);
    budgetClock.advance(10);
    expect(ready.mock.calls).toEqual([[connection]]);
    expect(connection.take(Buffer.from('two'))).toBe(true);
    expect(stream.text()).toBe('two');
  });

  test('and what still waits make a member ready once, when both let it', async () => {
    const { connection, stream, ready, budgetClock } = await withAccounts();
    stream.isHeld = true;
    connection.take(Buffer.from('x'.repeat(100)));
    stream.takeAll();
    expect(connection.take(Buffer.from('two'))).toBe(false);
    await turn();
    expect(ready).not.toHaveBeenCalled();
    budgetClock.advance(10);
    expect(ready).toHaveBeenCalledTimes(1);
  });

  test('that fills just before the last roster is known to have left makes a member ready once', async () => {
    const { connection, stream, ready, budgetClock } = await withAccounts();
    stream.isHeld = true;
    connection.take(Buffer.from('x'.repeat(100)));
    stream.takeAll();
    connection.take(Buffer.from('two'));
    stream.isHeld = true;
    connection.ping();
    budgetClock.advance(10);
    await turn();
    expect(ready).toHaveBeenCalledTimes(1);
  });

  test('has nobody waiting who has gone', async () => {
    const { connection, site, budgetClock, ready } = await withAccounts();
    site.spend(100);
    connection.take(Buffer.from('one'));
    expect(budgetClock.waiting).toBe(1);
    connection.close({ code: 4000, reason: 'go' });
    expect(budgetClock.waiting).toBe(0);
    expect(ready).not.toHaveBeenCalled();
  });
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('a measurement', () => {
  const server = createServer();
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => server.close());

  async function measured() {
    const connected = await member();
    const { connection, stream, clock, queues } = connected;
    const { _handle } = server as unknown as { readonly _handle: { readonly fd: number } };
    stream._handle.fd = _handle.fd;
    /** Measures a second later, with so many bytes not acknowledged. @returns its last sign of life */
    const measure = async (queued: number | undefined) => {
      clock.advance(1_000);
      queues.length = queued;
      await connection.measure();
      return connection.lastAlive;
    };
    return { ...connected, measure };
  }

  test('shows life, as of the one before, once more is acknowledged than then', async () => {
    const { connection, measure, queues } = await measured();
    connection.take(Buffer.alloc(1_000));
    expect(await measure(1_000)).toBe(0);
    expect(await measure(1_000)).toBe(0);
    expect(await measure(999)).toBe(2_000);
    expect(await measure(999)).toBe(2_000);
    expect(await measure(0)).toBe(4_000);
    expect(new Set(queues.asked).size).toBe(1);
  });

  test('takes nothing for acknowledged that has not left the process', async () => {
    const { connection, measure, stream } = await measured();
    stream.isHeld = true;
    connection.take(Buffer.alloc(1_000));
    expect(await measure(0)).toBe(0);
    connection.take(Buffer.alloc(1_000));
    expect(await measure(0)).toBe(0);
  });

  test('counts nothing that was sent behind the ping, nor what the one before its ping saw', async () => {
    const { connection, measure } = await measured();
    connection.take(Buffer.alloc(1_000));
    expect(await measure(1_000)).toBe(0);
    connection.ping();
    expect(await measure(500)).toBe(0);
    expect(await measure(400)).toBe(2_000);
    expect(await measure(0)).toBe(3_000);
    connection.take(Buffer.alloc(1_000));
    expect(await measure(0)).toBe(3_000);
    expect(await measure(0)).toBe(3_000);
  });

  test('says nothing where the system does not', async () => {
    const { connection, measure, queues, stream } = await measured();
    connection.take(Buffer.alloc(1_000));
    await measure(1_000);
    expect(await measure(undefined)).toBe(0);
    expect(await measure(0)).toBe(1_000);
    const other = await connect();
    await other.connection.measure();
    expect(other.queues.asked).toEqual([]);
    expect(queues.asked).toHaveLength(3);
    stream.destroy();
  });

  test('says nothing of who has gone meanwhile', async () => {
    const { connection, measure } = await measured();
    connection.take(Buffer.alloc(1_000));
    await measure(1_000);
    connection.close({ code: 4000, reason: 'go' });
    expect(await measure(0)).toBe(0);
  });
});
