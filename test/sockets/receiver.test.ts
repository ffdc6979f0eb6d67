import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, Writable } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { SocketServer } from '../../src/sockets/server';
import { ManualClock } from '../helpers/manual-clock';
import { clientFrame, RawClient } from '../helpers/raw-client';

/** The first byte of a close frame (RFC 6455, section 5.2). */
const CLOSE = 0x88;

type Upgrade = [IncomingMessage, Duplex, Buffer];
type Accept = (...upgrade: Upgrade) => WebSocket;

const bareServer: Accept = (...upgrade) => {
  let opened: WebSocket | undefined;
  new WebSocketServer({ noServer: true }).handleUpgrade(...upgrade, (ws) => {
    opened = ws;
  });
  return assertOpened(opened);
};

const ourServer: Accept = (...upgrade) =>
  assertOpened(new SocketServer(new ManualClock(), { code: 1008, reason: 'flooding' }).handshake(...upgrade));

function assertOpened(result: WebSocket | object | undefined): WebSocket {
  if (result === undefined || !('readyState' in result)) throw new Error('the handshake has failed');
  return result;
}

/** How often the receiver of a socket is ended until its client has said goodbye and the connection is gone. */
async function timesEnded(accept: Accept): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  client.sendHandshake('/');
  const ws = accept(...((await once(server, 'upgrade')) as Upgrade));
  const { _receiver: receiver } = ws as WebSocket & { readonly _receiver?: Writable };
  const end = jest.spyOn(Writable.prototype, 'end');
  client.send(clientFrame(CLOSE));
  await once(ws, 'close');
  const times = end.mock.contexts.filter((stream) => stream === receiver).length;
  end.mockRestore();
  client.socket.destroy();
  server.close();
  return times;
}

test('ws ends a receiver more than once', async () => {
  expect(await timesEnded(bareServer)).toBeGreaterThan(1);
});

test("the host's sockets let their receiver be ended once", async () => {
  expect(await timesEnded(ourServer)).toBe(1);
});
