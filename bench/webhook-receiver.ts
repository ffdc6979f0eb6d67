/** An application that takes webhooks, in a process of its own: remembers when it was told of each join. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { serve } from './actor';

/** What it reads of a message. */
interface Message {
  readonly data: { readonly joined?: readonly string[] };
}

const told: Record<string, number> = {};

const server = createServer(async (request, response) => {
  const now = performance.timeOrigin + performance.now();
  const { data }: Message = JSON.parse(await text(request));
  for (const name of data.joined ?? []) told[name] ??= now;
  response.writeHead(204).end();
});

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
