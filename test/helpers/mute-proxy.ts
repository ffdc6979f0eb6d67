/** A proxy between pages and a host that can go mute: it keeps its connections, and nothing passes any more. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const running: MuteProxy[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((proxy) => proxy.stop()));
});

export class MuteProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number, promise: (chunk: Buffer) => Buffer) {
    this.#server = createServer((page) => {
      const host = connect(port, '127.0.0.1');
      for (const [from, to] of [
        [page, host],
        [host, page],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => {});
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.on('data', (chunk) => to.write(from === host ? promise(chunk) : chunk));
      }
    });
  }

  /** @param hurry by how much shorter a beat the host seems to promise, so that tests need not wait for so long */
  static async start(port: number, hurry: 1 | 10 = 1): Promise<MuteProxy> {
    const shorter = (chunk: Buffer) =>
      Buffer.from(chunk.toString('latin1').replace('"beat":15000', '"beat": 1500'), 'latin1');
    const proxy = new MuteProxy(port, hurry === 10 ? shorter : (chunk) => chunk);
    running.push(proxy);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Those connections that there are; later ones work. */
  goMute(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('data').pause();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
