/** Requests one behind the other, again and again, and nobody who reads the answers. */
import type { Socket } from 'node:net';
import { type Ground, inParallel, LARGEST, requestFor, type Siege, Strangers } from './ground';

/** Bytes that are sent at once. */
const AT_ONCE = 64 * 1024;
/** Milliseconds until a connection that was cut is there again. */
const COME_BACK = 5;

export interface Pipelined {
  /** Connections, of which most were cut. */
  readonly dialled: number;
  /** Bytes that the server's machine has taken. */
  readonly sent: number;
}

export async function pipelined(ground: Ground, siege: Siege, connections: number): Promise<Pipelined> {
  const request = requestFor(LARGEST, ground);
  const bytes = Buffer.from(request.repeat(Math.ceil(AT_ONCE / request.length)));
  const strangers = new Strangers(ground, siege);
  let sent = 0;
  await inParallel(connections, async () => {
    while (!siege.over) {
      const socket = strangers.dial();
      while (!siege.over && (await written(socket, bytes))) sent += bytes.length;
      socket.destroy();
      await siege.pause(COME_BACK);
    }
  });
  return { dialled: strangers.dialled, sent };
}

/** Whether the system has taken it; it has not where the connection is over. */
function written(socket: Socket, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve(false));
    socket.write(bytes, (error) => {
      socket.removeAllListeners('close');
      resolve(error === undefined || error === null);
    });
  });
}
