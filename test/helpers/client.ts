/** A WebSocket client that a test reads roster by roster. */
import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { Queue } from './queue';

export interface Roster {
  readonly room: string;
  readonly streams: string[];
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export class TestClient {
  readonly ws: WebSocket;
  /** How the socket was closed. */
  readonly closed: Promise<Closed>;
  readonly #frames = new Queue<string>();

  constructor(url: string, protocols: string[] = [], options: ClientOptions = {}) {
    this.ws = new WebSocket(url, protocols, options);
    this.ws.on('message', (data, isBinary) => {
      if (isBinary) throw new Error('a binary frame');
      this.#frames.push(data.toString());
    });
    this.ws.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => {
        this.#frames.end(`closed with ${code} ${reason}`);
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** The next text frame, as it came. */
  nextFrame(): Promise<string> {
    return this.#frames.next();
  }

  /** The next roster. */
  async next(): Promise<Roster> {
    return JSON.parse(await this.nextFrame());
  }

  /** The streams of the next roster. */
  async nextStreams(): Promise<string[]> {
    return (await this.next()).streams;
  }

  /** Reads rosters until one lists exactly these streams, in this order, and returns all that it read. */
  async until(...streams: string[]): Promise<Roster[]> {
    const read: Roster[] = [];
    do read.push(await this.next());
    while (JSON.stringify(read.at(-1)?.streams) !== JSON.stringify(streams));
    return read;
  }

  /** Frames that came and were not read. */
  unread(): string[] {
    return this.#frames.rest();
  }

  /** Leaves with a closing handshake. */
  async leave(): Promise<void> {
    this.ws.close(1000);
    await this.closed;
  }

  /** Resets the connection: no close frame, no FIN. */
  reset(): void {
    socketOf(this.ws).resetAndDestroy();
  }

  /** The HTTP status and body by which the upgrade is refused. */
  async refusedWith(): Promise<{ status: number | undefined; body: string }> {
    const [, response] = await once(this.ws, 'unexpected-response');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode, body };
  }
}

function socketOf(ws: WebSocket): import('node:net').Socket {
  return (ws as unknown as { _socket: import('node:net').Socket })._socket;
}
