/** The WebSocket server: its limits and the handshake. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import { CHANGES_SUBPROTOCOL, SUBPROTOCOL } from '../conference/protocol';
import type { Departure } from '../events';
import { AskingConnection, type AskingParts } from './asking';
import { Beats } from './beats';
import { Connection } from './connection';
import { HostWebSocket, OpenSockets } from './web-socket';

/** Options of `ws` that its types do not know. */
interface MoreOptions {
  readonly maxPendingAutoPongs: number;
  /** Milliseconds. */
  readonly closeTimeout: number;
}

/** What a client may cost. Clients have nothing to say, so these are small; nobody needs other values. */
const LIMITS = {
  /** Bytes. */
  maxPayload: 4096,
  maxFragments: 8,
  maxBufferedChunks: 64,
  maxPendingAutoPongs: 4,
  perMessageDeflate: false,
  /** One frame a turn: thousands of tiny ones, which come as one chunk, would stop the loop for milliseconds. */
  allowSynchronousEvents: false,
  /** For the closing handshake; then `ws` destroys the socket. */
  closeTimeout: 2_000,
} as const satisfies ServerOptions & MoreOptions;

/**
 * Our own subprotocols, wherever they stand: what is offered beside them may be a token, which is never answered.
 * Else the first, as `ws` chooses: a page whose offer is not answered gives up.
 */
function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  for (const ours of [CHANGES_SUBPROTOCOL, SUBPROTOCOL]) if (offered.has(ours)) return ours;
  const [first = false] = offered;
  return first;
}

export type ServerParts = Omit<AskingParts, 'beats' | 'open'>;

/** The sockets of a host. */
export class SocketServer {
  readonly #server = new WebSocketServer<typeof HostWebSocket>({
    ...LIMITS,
    noServer: true,
    clientTracking: false,
    handleProtocols: chooseSubprotocol,
    WebSocket: HostWebSocket,
  });
  readonly #open = new OpenSockets();
  readonly #parts: Omit<AskingParts, 'beats'>;
  /** Of those that speak `conference.2`; none until the first of them comes. */
  #asking: AskingParts | undefined;
  /** Why the handshake at hand has failed; empty while it has not. */
  #problem = '';

  constructor(parts: ServerParts) {
    this.#parts = { ...parts, open: this.#open };
    this.#server.on('wsClientError', (error) => {
      this.#problem = error.message;
    });
  }

  /**
   * Completes a handshake, synchronously. Not every socket survives it: the client may have hung up, or sent
   * a header that `ws` does not take, whose problem is returned then.
   */
  handshake(
    request: IncomingMessage,
    stream: Duplex,
    head: Buffer,
  ): Connection | { readonly problem: string } | undefined {
    let opened: Connection | undefined;
    this.#problem = '';
    corkForNow(stream);
    this.#server.handleUpgrade(request, stream, head, (ws) => {
      opened =
        ws.protocol === CHANGES_SUBPROTOCOL
          ? this.#openAsking(ws, stream, request)
          : new Connection(ws, stream, this.#parts);
    });
    if (opened !== undefined) return opened;
    return this.#problem === '' ? undefined : { problem: this.#problem };
  }

  /** How many sockets are open, those that are closing included. */
  get size(): number {
    return this.#open.size;
  }

  /** The first connection that fits; a walk over all. */
  find(fits: (connection: Connection) => boolean): Connection | undefined {
    for (const { connection } of this.#open.values()) {
      if (connection !== undefined && fits(connection)) return connection;
    }
    return undefined;
  }

  /**
   * Closes every socket, and destroys those that are still there when the closing handshake's time is up: those whose
   * closing `ws` has begun for another reason have no time-out of their own. Done when all are gone.
   */
  async closeAll({ code, reason }: Departure): Promise<void> {
    this.#asking?.beats.sayGoodbye();
    const sockets = [...this.#open.values()];
    const gone = sockets.map((ws) => once(ws, 'close'));
    for (const ws of sockets) ws.close(code, reason);
    const timer = setTimeout(() => {
      for (const ws of this.#open.values()) ws.terminate();
    }, LIMITS.closeTimeout);
    await Promise.allSettled(gone);
    clearTimeout(timer);
  }

  #openAsking(ws: HostWebSocket, stream: Duplex, { url = '' }: IncomingMessage): Connection {
    this.#asking ??= { ...this.#parts, beats: new Beats(this.#parts.clock) };
    return new AskingConnection(ws, stream, this.#asking, url);
  }
}

/** What is written next leaves in one write: the answer to the handshake, and the first roster or a close. */
function corkForNow(stream: Duplex): void {
  stream.cork();
  queueMicrotask(() => stream.uncork());
}
