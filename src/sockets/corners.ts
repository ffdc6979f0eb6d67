/**
 * The corners of `ws` and Node that neither documents, each with what is lost without it. Should one go, the host works
 * on at that cost: nothing else leans on them.
 */
import { readlinkSync } from 'node:fs';
import { type Duplex, Writable } from 'node:stream';
import type { WebSocket } from 'ws';

/**
 * `ws` ends the receiver of a socket (its reading half) with the client's close frame, and again when the connection
 * is gone. Node answers the second end with an error that nobody sees, and whose stack is expensive.
 * From now on, ending it a second time does nothing.
 */
export function endReceiverOnce(ws: WebSocket): void {
  const { _receiver: receiver } = ws as { readonly _receiver?: Writable };
  if (receiver !== undefined) receiver.end = endOnce;
}

function endOnce(this: Writable): Writable {
  return this.writableEnded ? this : Reflect.apply(Writable.prototype.end, this, []);
}

interface Handle {
  readonly writeQueueSize?: number;
  readonly fd?: number;
}

function handleOf(socket: Duplex): Handle | undefined {
  return (socket as { readonly _handle?: Handle | null })._handle ?? undefined;
}

/**
 * Bytes that wait to leave the process. A stream counts a chunk until all of it is gone, and a large roster on a slow
 * link takes long; only the handle's `writeQueueSize` (which Node's own socket time-outs use) shows it move. Without it,
 * only whole chunks count as progress.
 */
export function bytesWaiting(socket: Duplex): number {
  return socket.writableLength + (handleOf(socket)?.writeQueueSize ?? 0);
}

/**
 * Whether the system has not taken all that it was given, as its buffers are full. Where a stream does not tell, what
 * waits is taken to wait for the system.
 */
export function isHeldBySystem(socket: Duplex): boolean {
  return (handleOf(socket)?.writeQueueSize ?? 1) > 0;
}

type Write = (chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void) => void;

/**
 * From now on the socket takes one chunk after the other, each when it is its turn. Node hands over all that waits at
 * once: over TLS that is a copy of a large roster for each member, and where thousands of sockets drain at the same
 * time, the loop stands still. A stream without `_writev` waits for each chunk, and `_write` is the place to wait.
 */
export function takeInTurn(socket: Duplex, inTurn: (send: () => void) => void): void {
  const { _write: write } = socket;
  const writeInTurn: Write = (chunk, encoding, done) => {
    inTurn(() => Reflect.apply(write, socket, [chunk, encoding, done]));
  };
  Object.assign(socket, { _writev: null, _write: writeInTurn });
}

/** What the system calls this socket in its tables; undefined where it does not tell (it does on Linux). */
export function inodeOf(socket: Duplex): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${handleOf(socket)?.fd}`))?.[1];
  } catch {
    return undefined;
  }
}
