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
 * From now on the socket takes one chunk after the other, also where several wait. Node encrypts all that wait at once,
 * which for a large roster is a copy of it for each member; without `_writev`, a stream has to wait for each chunk.
 */
export function takeOneByOne(socket: Duplex): void {
  Object.assign(socket, { _writev: null });
}

/** What the system calls this socket in its tables; undefined where it does not tell (it does on Linux). */
export function inodeOf(socket: Duplex): string | undefined {
  const fd = handleOf(socket)?.fd;
  if (fd === undefined || fd < 0) return undefined;
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  } catch {
    return undefined;
  }
}
