/** An http server that stands in for others: a backend, a key server, a web site. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const running: Server[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(stop));
});

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface WebServer {
  readonly url: string;
  readonly port: number;
  /** Ends it and all its connections. */
  stop(): Promise<void>;
}

/** @param port a free one unless given */
export async function startWebServer(answer: Answer, port = 0): Promise<WebServer> {
  const server = createServer(answer);
  running.push(server);
  server.listen({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return { url: `http://127.0.0.1:${bound}`, port: bound, stop: () => stop(server) };
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** A port that nobody listens on. */
export async function unusedUrl(): Promise<string> {
  const server = await startWebServer(() => {});
  await server.stop();
  return server.url;
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}
