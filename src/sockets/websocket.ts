/** A WebSocket that tells its peer when it is over. All sockets share their listeners. */
import { WebSocket } from 'ws';
import type { Departure } from '../conference/events';

/** What a socket owes to the member behind it. */
export interface Leaver {
  /** The socket is over, or will be: called at the decision, and maybe again later. */
  gone(departure: Departure): void;
  /** A message came, which nobody reads. */
  ignored(): void;
}

/** No status code in the close frame (RFC 6455, section 7.4.1). */
const NO_STATUS = 1005;
/** The socket went without a close frame (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006;

export class PeerWebSocket extends WebSocket {
  /** Set once the socket is admitted. */
  peer: Leaver | undefined;

  /**
   * Every decision to end the connection comes by here: ours, that of `ws` on a protocol error, and its answer
   * to a close frame. The member leaves now; the closing handshake may take its time.
   */
  override close(code?: number, data?: string | Buffer): void {
    this.peer?.gone({ code: code ?? NO_STATUS, reason: data?.toString() ?? '' });
    super.close(code, data);
  }
}

/** Makes a new socket say when it is over. */
export function watch(ws: PeerWebSocket): void {
  ws.on('message', webSocketOnMessage);
  ws.on('close', webSocketOnClose);
  ws.on('error', webSocketOnError);
}

function webSocketOnMessage(this: WebSocket): void {
  peerOf(this)?.ignored();
}

function webSocketOnClose(this: WebSocket, code: number, reason: Buffer): void {
  peerOf(this)?.gone({ code, reason: reason.toString() });
}

function webSocketOnError(this: WebSocket, error: Error): void {
  peerOf(this)?.gone({ code: ABNORMAL, reason: error.message });
}

function peerOf(ws: WebSocket): Leaver | undefined {
  return ws instanceof PeerWebSocket ? ws.peer : undefined;
}
