/** A TCP client for what `ws` is too polite to send. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { Queue } from './queue';

/** A key as a client sends it; the host never looks at its value. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

export class RawClient {
  readonly socket: Socket;
  /** Settles when the connection is gone, cleanly or not. */
  readonly closed: Promise<void>;
  readonly #chunks = new Queue<Buffer>();
  #received = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#chunks.push(chunk));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#chunks.end('the connection is closed');
        resolve();
      });
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const client = new RawClient(connect({ port, host: '127.0.0.1' }));
    await once(client.socket, 'connect');
    return client;
  }

  /** Over a connection that stands already. */
  static over(socket: Socket): RawClient {
    return new RawClient(socket);
  }

  /** Does not look at the certificate. */
  static async connectSecurely(port: number): Promise<RawClient> {
    const socket = connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const client = new RawClient(socket);
    await once(socket, 'secureConnect');
    return client;
  }

  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends a handshake for this request target, with headers changed, added, or left out (undefined). */
  sendHandshake(target: string, headers: Record<string, string | undefined> = {}): void {
    this.send(handshakeFor(target, headers));
  }

  /** Joins, and reads the answer up to the first roster. */
  async join(target: string): Promise<void> {
    this.sendHandshake(target);
    await this.until('"streams":[');
  }

  /** Reads until the text has come, and returns all that came so far. */
  async until(text: string): Promise<string> {
    while (!this.#received.includes(text, 0, 'latin1')) {
      this.#received = Buffer.concat([this.#received, await this.#chunks.next()]);
    }
    return this.#received.toString('latin1');
  }

  /** Everything that was received until the connection was closed. */
  async untilClosed(): Promise<string> {
    await this.closed;
    this.#received = Buffer.concat([this.#received, ...this.#chunks.rest()]);
    return this.#received.toString('latin1');
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}

/** A handshake for this request target, with headers changed, added, or left out (undefined). */
export function handshakeFor(target: string, headers: Record<string, string | undefined> = {}): string {
  const all: Record<string, string | undefined> = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': KEY,
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}: ${value}\r\n`,
  );
  return `GET ${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A client's frame: one header byte (FIN, RSV and opcode), then the payload, masked with zeros. */
export function clientFrame(firstByte: number, payload: string | Buffer = ''): Buffer {
  const body = Buffer.from(payload);
  const mask = Buffer.alloc(4);
  const header =
    body.length < 126
      ? Buffer.from([firstByte, 0x80 | body.length])
      : Buffer.from([firstByte, 0x80 | 126, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([header, mask, body]);
}
