/** One connection from its handshake until it is gone, step by step. */
import { textFrame } from '../../src/sockets/frame';
import { connectHeld, FACTS, memberOnHeld, turn } from '../helpers/held-connection';
import { clientFrame } from '../helpers/raw-client';

const [TEXT, CLOSE, PONG] = [0x81, 0x88, 0x8a];

describe('a connection', () => {
  test('is nobody until it is admitted, and then who it is said to be', async () => {
    const { connection } = await connectHeld();
    const { id, room, streamName, address, since, isOpen, isMember } = connection;
    expect([id, room, streamName, address, since, isOpen, isMember]).toEqual([0, '', '', '', 0, true, false]);
    connection.admit(FACTS, [], {});
    expect(connection).toMatchObject(FACTS);
    expect([connection.isOpen, connection.isMember, connection.behind]).toEqual([false, true, false]);
  });

  test('that goes before it is admitted says so to who asked, once, and has left nothing', async () => {
    const { connection, left } = await connectHeld();
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
    const { connection, left, stream } = await connectHeld();
    const gone = jest.fn();
    connection.onGone(gone);
    connection.admit(FACTS, [], {});
    connection.drop('enough');
    await turn();
    expect(left).toEqual([{ code: 1006, reason: 'enough', dropped: true }]);
    expect([gone.mock.calls.length, stream.destroyed, connection.isMember]).toEqual([0, true, false]);
  });

  test('that is closing is open no more, though it never was a member', async () => {
    const { connection, hear } = await connectHeld();
    await hear(clientFrame(CLOSE));
    expect(connection.isOpen).toBe(false);
  });

  test.each([
    ['nothing', Buffer.alloc(0), { code: 1005, reason: '' }],
    ['a code', Buffer.from([0x0f, 0xa0]), { code: 4000, reason: '' }],
    ['a reason', Buffer.from('\x0f\xa0bye', 'latin1'), { code: 4000, reason: 'bye' }],
  ])('whose client closes with %s leaves with it', async (_what, payload, departure) => {
    const { left, hear, stream } = await memberOnHeld();
    await hear(clientFrame(CLOSE, payload));
    expect(left).toEqual([departure]);
    // It does not wait for the client to hang up.
    expect(stream.destroyed).toBe(true);
  });

  test('whose stream fails leaves with what has gone wrong', async () => {
    const { left, stream } = await memberOnHeld();
    stream.destroy(new Error('the cable is cut'));
    await turn();
    expect(left).toMatchObject([{ code: 1006 }]);
  });

  test('that breaks the protocol leaves with a violation, and others do not', async () => {
    const { left, hear } = await memberOnHeld();
    await hear(clientFrame(0x83));
    expect(left).toEqual([{ code: 1002, reason: '', violation: true }]);
  });

  test('whose client hangs up while something waits for it is destroyed at once', async () => {
    const { connection, stream, left } = await memberOnHeld();
    stream.isHeld = true;
    connection.take(textFrame('waits'));
    stream.push(null);
    await turn();
    expect(left).toEqual([{ code: 1006, reason: '' }]);
    expect(stream.destroyed).toBe(true);
  });

  test('counts what a member says, and not what others say', async () => {
    const { connection, ignored, hear } = await connectHeld();
    await hear(clientFrame(TEXT, 'early'));
    expect(ignored).toHaveBeenCalledTimes(0);
    connection.admit(FACTS, [], {});
    await hear(clientFrame(TEXT, 'hello'));
    expect(ignored).toHaveBeenCalledTimes(1);
  });

  test('that floods hears why, and is read no more', async () => {
    const { stream, left, hear } = await memberOnHeld();
    await hear(clientFrame(TEXT, 'x'.repeat(4_000)), clientFrame(TEXT, 'x'.repeat(4_000)));
    expect(left).toEqual([{ code: 1008, reason: 'flooding' }]);
    expect([stream.text(), stream.isPaused()]).toEqual(['\x88\x0a\x03\xf0flooding', true]);
  });

  test('lives as it is heard', async () => {
    const { connection, clock, hear } = await memberOnHeld();
    clock.advance(5_000);
    expect(connection.lastAlive).toBe(0);
    await hear(clientFrame(PONG));
    expect(connection.lastAlive).toBe(5_000);
  });

  test('lives as it takes, which never makes it younger than it was', async () => {
    const { connection, clock, hear } = await memberOnHeld();
    clock.advance(5_000);
    await hear(clientFrame(PONG));
    connection.onTaken(4_000);
    expect(connection.lastAlive).toBe(5_000);
    connection.onTaken(6_000);
    expect(connection.lastAlive).toBe(6_000);
  });

  test('that takes nothing is dropped, and watched no more', async () => {
    const { connection, clock, stream, left } = await memberOnHeld();
    stream.isHeld = true;
    connection.take(textFrame('x'.repeat(70_000)));
    clock.advance(60_000);
    expect(left).toEqual([{ code: 1006, reason: 'reads nothing', dropped: true }]);
    expect(clock.waiting).toBe(0);
  });

  test('is held up by 16 KiB since it was heard', async () => {
    const { connection, hear } = await memberOnHeld();
    connection.take(Buffer.alloc(10_000));
    connection.take(Buffer.alloc(6_383));
    expect(connection.isHeldUp).toBe(false);
    connection.take(Buffer.alloc(1));
    expect(connection.isHeldUp).toBe(true);
    await hear(clientFrame(PONG));
    expect(connection.isHeldUp).toBe(false);
  });
});
