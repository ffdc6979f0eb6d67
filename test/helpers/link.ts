/** A link to a host that can freeze, as when the host hangs, and be cut, as when its process dies. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const running: Link[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((link) => link.stop()));
});

export class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isFrozen = false;
  #port = 0;

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.on('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
      if (this.#isFrozen) this.freeze();
    });
  }

  /** A link to a port of this machine. */
  static async to(port: number): Promise<Link> {
    const link = new Link(port);
    running.push(link);
    link.#server.listen(0, '127.0.0.1');
    await once(link.#server, 'listening');
    link.#port = (link.#server.address() as AddressInfo).port;
    return link;
  }

  get port(): number {
    return this.#port;
  }

  /** Nothing closes, and nothing comes. */
  freeze(): void {
    this.#isFrozen = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** New connections work again; those that froze are cut. */
  thaw(): void {
    this.#isFrozen = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** All connections end, and nobody listens. */
  async cut(): Promise<void> {
    this.#server.close();
    this.thaw();
    await once(this.#server, 'close');
  }

  /** Listens again where it did. */
  async mend(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.cut();
  }
}
