/** A proxy that was never told of WebSockets: it drops `Upgrade`, as nginx does unless it is configured not to. */
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** @returns its port; it is closed when the test is over */
export async function startDeafProxy(port: number): Promise<number> {
  const server = createServer(({ url, headers }, response) => {
    const { upgrade: _upgrade, connection: _connection, ...passedOn } = headers;
    request({ host: '127.0.0.1', port, path: url, headers: passedOn }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    })
      .on('error', () => response.destroy())
      .end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  running.push(server);
  return (server.address() as AddressInfo).port;
}

const running: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  for (const server of running.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});
