/** What a client may cost, as it is on the wire. */
import { once } from 'node:events';
import { clientFrame } from '../helpers/raw-client';
import { startSocketServer } from '../helpers/socket-server';

const FIN = 0x80;
const [CONTINUATION, TEXT, CLOSE, PING] = [0x0, 0x1, 0x8, 0x9];

/** The timers of the host and of `ws` run when the test says so. */
async function withManualTimers(story: () => Promise<void>): Promise<void> {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  try {
    await story();
  } finally {
    jest.useRealTimers();
  }
}

describe('a client', () => {
  test('may send 4,096 bytes in a message, and not one more', async () => {
    const { join, ignored } = await startSocketServer();
    const [modest, loud] = [await join(), await join()];
    await modest.send(clientFrame(FIN | TEXT, 'x'.repeat(4_096)));
    loud.client.send(clientFrame(FIN | TEXT, 'x'.repeat(4_097)));
    expect(await loud.gone).toMatchObject({ code: 1009 });
    expect([ignored.mock.calls.length, modest.member.isMember]).toEqual([1, true]);
  });

  test('may send a message in 8 fragments, and not in 9', async () => {
    const { join } = await startSocketServer();
    const { client, gone } = await join();
    client.send(clientFrame(TEXT));
    for (let fragment = 2; fragment < 8; fragment++) client.send(clientFrame(CONTINUATION));
    client.send(clientFrame(FIN | CONTINUATION));
    client.send(clientFrame(FIN | PING, 'still here'));
    await client.until('still here');
    client.send(clientFrame(TEXT));
    for (let fragment = 2; fragment <= 9; fragment++) client.send(clientFrame(CONTINUATION));
    expect(await gone).toMatchObject({ code: 1008 });
  });

  test('may not send text that is not UTF-8', async () => {
    const { join } = await startSocketServer();
    const { client, gone } = await join();
    client.send(clientFrame(FIN | TEXT, Buffer.from([0xc3, 0x28])));
    expect(await gone).toMatchObject({ code: 1007 });
  });

  test('may send a frame in 64 pieces, and not in 65', async () => {
    const { join, departures, ignored } = await startSocketServer();
    const { send, gone } = await join();
    const sendInPieces = async (pieces: number) => {
      const frame = clientFrame(FIN | TEXT, 'x'.repeat(pieces));
      await send(frame.subarray(0, -pieces));
      for (let piece = 0; piece < pieces; piece++) await send(Buffer.from('x'));
    };
    await sendInPieces(64);
    await new Promise(setImmediate);
    expect([ignored.mock.calls.length, departures]).toEqual([1, []]);
    await sendInPieces(65);
    expect(await gone).toMatchObject({ code: 1008 });
  });

  test('may have 4 pings unanswered, and not 5', async () => {
    const { join } = await startSocketServer();
    const { client, socket, send } = await join();
    for (const pings of [4, 5]) {
      socket.cork();
      for (let ping = 0; ping < pings; ping++) {
        await send(clientFrame(FIN | PING));
        await new Promise(setImmediate);
      }
      expect(socket.destroyed).toBe(pings > 4);
      socket.uncork();
      if (pings === 4) await client.until('\x8a\x00'.repeat(4));
    }
  });

  test('that floods with tiny frames is read one frame a turn', async () => {
    const { join, ignored } = await startSocketServer();
    const { client, send } = await join();
    const perTurn: number[] = [];
    let inTurn = 0;
    ignored.mockImplementation(() => {
      if (inTurn++ > 0) return;
      setImmediate(() => {
        perTurn.push(inTurn);
        inTurn = 0;
      });
    });
    await send(Buffer.concat(Array.from({ length: 100 }, () => clientFrame(FIN | TEXT))));
    client.send(clientFrame(FIN | PING, 'done'));
    await client.until('done');
    expect(perTurn.length).toBeGreaterThan(50);
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(2);
  });

  test('that does not answer a close loses its socket after 2 s', async () => {
    await withManualTimers(async () => {
      const { join } = await startSocketServer();
      const { member, client, socket } = await join();
      member.close({ code: 4000, reason: 'go' });
      await client.until('\x88\x04\x0f\xa0go');
      jest.advanceTimersByTime(1_999);
      expect(socket.destroyed).toBe(false);
      jest.advanceTimersByTime(1);
      expect(socket.destroyed).toBe(true);
    });
  });
});

describe('a handshake', () => {
  test.each([
    ['conference', 'conference'],
    ['a-token, conference', 'conference'],
    ['conference, a-token', 'conference'],
    ['one, other', 'one'],
  ])('that offers the subprotocols %s is answered with %s', async (offered, chosen) => {
    const { join } = await startSocketServer();
    const { answer } = await join({ 'Sec-WebSocket-Protocol': offered });
    expect(answer).toMatch(`\r\nSec-WebSocket-Protocol: ${chosen}\r\n`);
  });

  test('that offers compression is answered without it', async () => {
    const { join } = await startSocketServer();
    const { answer } = await join({ 'Sec-WebSocket-Extensions': 'permessage-deflate' });
    expect(answer).not.toMatch(/extensions/i);
  });

  test('says what is wrong with it, and not what was wrong with the one before', async () => {
    const { ask, sockets } = await startSocketServer();
    const mistaken = await ask({ 'Sec-WebSocket-Key': 'x' });
    expect(mistaken.open()).toEqual({ problem: expect.stringContaining('Sec-WebSocket-Key') });
    const late = await ask();
    late.socket.destroy();
    expect(late.open()).toBeUndefined();
    expect(sockets.size).toBe(0);
  });
});

describe('the sockets of a host', () => {
  test('are found among all, those that are closing included', async () => {
    const { join, sockets } = await startSocketServer();
    const [, ben] = [await join(), await join()];
    ben.member.close({ code: 4000, reason: 'go' });
    expect(sockets.size).toBe(2);
    expect(sockets.find(({ id }) => id === 2)).toBe(ben.member);
    expect(sockets.find(({ id }) => id === 3)).toBeUndefined();
  });

  test('are told to go, and are all gone at the end, those that do not answer after 2 s', async () => {
    await withManualTimers(async () => {
      const { join, sockets, departures } = await startSocketServer();
      const [polite, silent] = [await join(), await join()];
      silent.socket._final = () => {};
      silent.client.socket.end();
      await silent.gone;
      let isOver = false;
      const over = sockets.closeAll({ code: 1001, reason: 'bye' }).then(() => {
        isOver = true;
      });
      await polite.client.until('\x88\x05\x03\xe9bye');
      const politeGone = once(polite.socket, 'close');
      polite.client.send(clientFrame(FIN | CLOSE, Buffer.from([0x03, 0xe9])));
      await politeGone;
      jest.advanceTimersByTime(1_999);
      await new Promise(setImmediate);
      expect([isOver, sockets.size]).toEqual([false, 1]);
      jest.advanceTimersByTime(1);
      await over;
      expect([sockets.size, jest.getTimerCount()]).toEqual([0, 0]);
      expect(departures).toEqual([
        { code: 1006, reason: '' },
        { code: 1001, reason: 'bye' },
      ]);
    });
  });

  test('keep no timer once they are gone', async () => {
    await withManualTimers(async () => {
      const { join, sockets } = await startSocketServer();
      const { client } = await join();
      const over = sockets.closeAll({ code: 1001, reason: 'bye' });
      client.send(clientFrame(FIN | CLOSE, Buffer.from([0x03, 0xe9])));
      await over;
      expect([sockets.size, jest.getTimerCount()]).toEqual([0, 0]);
    });
  });
});
