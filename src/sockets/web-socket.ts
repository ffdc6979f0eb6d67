/** A socket of `ws` that tells its connection what becomes of it. */
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import type { Connection } from './connection';
import { listenWithFirst } from './listeners';

/** No status code in the close frame (RFC 6455, section 7.4.1). */
const NO_STATUS = 1005;
/** The socket went without a close frame (RFC 6455, section 7.4.1). */
export const ABNORMAL = 1006;

/** A WebSocket of `ws` that says when it begins to close. */
export class HostWebSocket extends WebSocket {
  connection: Connection | undefined;

  /**
   * Every decision to close comes by here: ours, that of `ws` on a protocol error, and its answer to a close frame. A
   * code without a reason is how `ws` closes whoever breaks the protocol; its answer to a close frame repeats both.
   */
  override close(code?: number, data?: string | Buffer): void {
    const departure = { code: code ?? NO_STATUS, reason: data?.toString() ?? '' };
    const isViolation = code !== undefined && data === undefined;
    this.connection?.depart(isViolation ? { ...departure, violation: true } : departure);
    super.close(code, data);
  }
}

/**
 * The open sockets of a host, by their streams, until they are closed. One set of listeners for all: those of each, and
 * the clients that `ws` would keep, would take more memory, and a WeakMap more time of the garbage collector.
 */
export class OpenSockets {
  readonly #byStream = new Map<Duplex, HostWebSocket>();
  readonly #onData: (this: Duplex, chunk: Buffer) => void;
  readonly #onEnd: (this: Duplex) => void;
  readonly #onClose: (this: WebSocket, code: number, reason: Buffer) => void;

  constructor() {
    const byStream = this.#byStream;
    this.#onData = function (chunk): void {
      byStream.get(this)?.connection?.heard(chunk.length);
    };
    this.#onEnd = function (): void {
      byStream.get(this)?.connection?.hungUp();
    };
    this.#onClose = function (code, reason): void {
      const connection = connectionOf(this);
      if (connection === undefined) return;
      byStream.delete(connection.stream);
      connection.closed({ code, reason: reason.toString() });
    };
  }

  get size(): number {
    return this.#byStream.size;
  }

  values(): IterableIterator<HostWebSocket> {
    return this.#byStream.values();
  }

  /** From now on the connection hears what the client says, and how its socket ends. */
  connect(ws: HostWebSocket, stream: Duplex, connection: Connection): void {
    ws.connection = connection;
    this.#byStream.set(stream, ws);
    ws.on('message', webSocketOnMessage);
    ws.on('close', this.#onClose);
    ws.on('error', webSocketOnError);
    stream.on('data', this.#onData);
    // Node's own listener comes first, and stays.
    listenWithFirst(stream, 'end', this.#onEnd);
  }
}

function webSocketOnMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  connectionOf(this)?.said(data, isBinary);
}

function webSocketOnError(this: WebSocket, error: Error): void {
  connectionOf(this)?.depart({ code: ABNORMAL, reason: error.message });
}

function connectionOf(ws: WebSocket): Connection | undefined {
  return ws instanceof HostWebSocket ? ws.connection : undefined;
}
