/**
 * An application that takes webhooks, in a process of its own: remembers when it was told of each join. It reads HTTP by
 * hand, as far as the host writes it: on few cores, what it takes for itself is missing elsewhere.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { serve } from './actor';

/** What it reads of a message. */
interface Message {
  readonly data: { readonly joined?: readonly string[] };
}

const ANSWER = 'HTTP/1.1 204 No Content\r\n\r\n';

const told: Record<string, number> = {};

const server = createServer((socket) => {
  let unread = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    unread = readAll(unread + text, socket);
  });
  socket.on('error', () => {});
});

/** @returns what is left: a request that is not all there yet */
function readAll(text: string, socket: Socket): string {
  const now = performance.timeOrigin + performance.now();
  let rest = text;
  for (;;) {
    const start = rest.indexOf('\r\n\r\n') + 4;
    const length = Number(/^content-length: (\d+)\r$/im.exec(rest)?.[1]);
    if (start < 4 || rest.length < start + length) return rest;
    const { data }: Message = JSON.parse(rest.slice(start, start + length));
    for (const name of data.joined ?? []) told[name] ??= now;
    socket.write(ANSWER);
    rest = rest.slice(start + length);
  }
}

export const receiverTasks = {
  /** @returns its port */
  async listen(): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },

  /** When it was first told of each stream, in milliseconds since the epoch. */
  told: () => told,
};

export type ReceiverTasks = typeof receiverTasks;

serve(receiverTasks);
