import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { WebSocketServer } from 'ws';
import { textFrame } from '../../src/sockets/frame';

/** What `ws.send` of a server writes for a text. */
async function sentByWs(text: string): Promise<Buffer> {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (ws) => {
    ws.send(text);
    ws.terminate();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n');
  client.write('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk);
  server.close();
  const received = Buffer.concat(chunks);
  return received.subarray(received.indexOf('\r\n\r\n') + 4);
}

test.each([0, 1, 125, 126, 65_535, 65_536])('a frame of %i bytes is what ws.send writes', async (length) => {
  const text = 'x'.repeat(length);
  expect(textFrame(text).equals(await sentByWs(text))).toBe(true);
});

test('a frame holds text as UTF-8', async () => {
  const text = 'é👩‍👩‍👧\u2028';
  expect(textFrame(text).equals(await sentByWs(text))).toBe(true);
});
