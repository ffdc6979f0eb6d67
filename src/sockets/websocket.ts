/** A WebSocket that knows when it was last heard, pays for what it says, and tells its peer when it is over. */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Clock } from '../clock';
import type { Departure } from '../conference/events';
import { ByteBudget, FROM_CLIENT } from './byte-budget';
import { endReceiverOnce } from './receiver';

/** What a socket owes to the member behind it. */
export interface Leaver {
  /** The socket is over, or will be: called at the decision, and maybe again later. */
  gone(departure: Departure): void;
  /** A message came, which nobody reads. */
  ignored?(): void;
}

/** No status code in the close frame (RFC 6455, section 7.4.1). */
const NO_STATUS = 1005;
/** The socket went without a close frame (RFC 6455, section 7.4.1). */
export const ABNORMAL = 1006;

export class PeerWebSocket extends WebSocket {
  /** Set once the socket is admitted. */
  peer: Leaver | undefined;
  /** When bytes last came; by `Clock.now()`. */
  lastHeard = 0;

  /**
   * Every decision to end the connection comes by here: ours, that of `ws` on a protocol error, and its answer
   * to a close frame. The member leaves now; the closing handshake may take its time. (A code without a reason
   * is how `ws` closes whoever breaks the protocol; its answer to a close frame repeats both.)
   */
  override close(code?: number, data?: string | Buffer): void {
    const departure = { code: code ?? NO_STATUS, reason: data?.toString() ?? '' };
    const isViolation = code !== undefined && data === undefined;
    this.peer?.gone(isViolation ? { ...departure, violation: true } : departure);
    super.close(code, data);
  }
}

/**
 * Watches a new socket. All share their listeners, which find the socket's own things through its stream.
 * @param flooding how a client that sends too much is closed
 */
export function watch(ws: PeerWebSocket, stream: Duplex, clock: Clock, flooding: Departure): void {
  ws.lastHeard = clock.now();
  endReceiverOnce(ws);
  ws.on('message', webSocketOnMessage);
  ws.on('close', webSocketOnClose);
  ws.on('error', webSocketOnError);
  const watched: Watched = Object.assign(stream, {
    watch: { ws, clock, flooding, budget: new ByteBudget(FROM_CLIENT, ws.lastHeard) },
  });
  watched.on('data', streamOnData);
  watched.on('end', streamOnEnd);
  watched.on('finish', streamOnFinish);
}

/**
 * The client has hung up. `ws` would first send what waits, without a time-out of its own; to whom has hung up,
 * and does not read either, that may take for ever.
 */
function streamOnEnd(this: Watched): void {
  const { ws } = this.watch;
  ws.peer?.gone({ code: ABNORMAL, reason: '' });
  if (this.writableLength > 0) ws.terminate();
}

/**
 * All is said, the goodbye included: the host does not wait for the client to hang up as well. At that, `ws`
 * would end what has ended, and each time Node makes an error with its stack, though nobody asks for it.
 */
function streamOnFinish(this: Duplex): void {
  this.destroy();
}

interface Watched extends Duplex {
  readonly watch: {
    readonly ws: PeerWebSocket;
    readonly clock: Clock;
    readonly flooding: Departure;
    readonly budget: ByteBudget;
  };
}

/** A flood is stopped by not reading on: the client hears the close, and its kernel must keep the rest. */
function streamOnData(this: Watched, chunk: Buffer): void {
  const { ws, clock, flooding, budget } = this.watch;
  ws.lastHeard = clock.now();
  if (budget.spend(chunk.length, ws.lastHeard)) return;
  ws.close(flooding.code, flooding.reason);
  ws.pause();
}

function webSocketOnMessage(this: WebSocket): void {
  peerOf(this)?.ignored?.();
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
