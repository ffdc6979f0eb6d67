/** `ws` as this host uses it: its limits and the handshake. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock } from '../clock';
import type { Departure } from '../conference/events';
import { SUBPROTOCOL } from '../conference/protocol';
import { PeerWebSocket, watch } from './websocket';

/** What a client may cost. Clients have nothing to say, so these are small; nobody needs other values. */
const LIMITS = {
  /** Bytes. */
  maxPayload: 4096,
  maxFragments: 8,
  maxBufferedChunks: 64,
  maxPendingAutoPongs: 4,
  perMessageDeflate: false,
  /** One frame a turn: 64 KiB of tiny ones, which come as one chunk, would stop the loop for 3 to 5 ms a flooder. */
  allowSynchronousEvents: false,
  /** Milliseconds for the closing handshake; then `ws` destroys the socket. */
  closeTimeout: 2_000,
};

/**
 * Our own subprotocol, wherever it stands: what is offered beside it may be a token, which is never answered.
 * Else the first, as `ws` chooses: a page whose offer is not answered gives up.
 */
function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(SUBPROTOCOL)) return SUBPROTOCOL;
  const [first = false] = offered;
  return first;
}

/** The sockets of a host. */
export class SocketServer {
  readonly #server = new WebSocketServer<typeof PeerWebSocket>({
    ...LIMITS,
    noServer: true,
    handleProtocols: chooseSubprotocol,
    WebSocket: PeerWebSocket,
  });
  readonly #clock: Clock;
  readonly #flooding: Departure;
  /** Why the handshake at hand has failed; empty while it has not. */
  #problem = '';

  /** @param flooding how a client that sends too much is closed */
  constructor(clock: Clock, flooding: Departure) {
    this.#clock = clock;
    this.#flooding = flooding;
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
    socket: Duplex,
    head: Buffer,
  ): PeerWebSocket | { readonly problem: string } | undefined {
    let opened: PeerWebSocket | undefined;
    this.#problem = '';
    corkForNow(socket);
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      watch(ws, socket, this.#clock, this.#flooding);
      opened = ws;
    });
    if (opened !== undefined) return opened;
    return this.#problem === '' ? undefined : { problem: this.#problem };
  }

  /** How many sockets are open, those that are closing included. */
  get size(): number {
    return this.#server.clients.size;
  }

  /** Closes every socket, and destroys those that are still there when the closing handshake's time is up. */
  closeAll({ code, reason }: Departure): void {
    for (const ws of this.#server.clients) ws.close(code, reason);
    setTimeout(() => this.#terminateAll(), LIMITS.closeTimeout).unref();
  }

  /** Those whose closing `ws` has begun for another reason have no time-out of their own. */
  #terminateAll(): void {
    for (const ws of this.#server.clients) ws.terminate();
  }
}

/** What is written next leaves in one write: the answer to the handshake, and the first roster or a close. */
function corkForNow(socket: Duplex): void {
  socket.cork();
  queueMicrotask(() => socket.uncork());
}
