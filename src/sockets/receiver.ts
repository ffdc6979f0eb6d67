/**
 * `ws` ends the receiver of a socket (its reading half) with the client's close frame, and again when the connection
 * is gone. Node answers the second end with an error that nobody sees, and whose stack costs some 6 % of the churn in
 * rooms of ten. This leans on `_receiver`, which `ws` does not document; test/sockets/receiver.test.ts fails when a new
 * `ws` has no such thing, or no need of this. Should it ever go: delete this file, at the cost above.
 */
import { Writable } from 'node:stream';
import type { WebSocket } from 'ws';

/** From now on, ending the receiver of an open socket a second time does nothing. */
export function endReceiverOnce(ws: WebSocket): void {
  const { _receiver: receiver } = ws as { readonly _receiver?: Writable };
  if (receiver !== undefined) receiver.end = endOnce;
}

function endOnce(this: Writable): Writable {
  return this.writableEnded ? this : Reflect.apply(Writable.prototype.end, this, []);
}
