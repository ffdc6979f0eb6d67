/** Finds the peer that takes nothing: it reads no more, or its link is gone, while a roster waits for it. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';

/** Milliseconds without progress after which a peer is dropped. */
const TIMEOUT = 10_000;
/** Milliseconds between two looks. */
const LOOK_INTERVAL = 1_000;
/** Bytes that may wait for as long as they like; the heartbeat finds the dead among those peers. */
const HARMLESS = 64 * 1024;

/**
 * Watches a socket from a write that did not leave at once until nothing waits any more.
 * @param onStall called once, when more than 64 KiB have waited for 10 s without any progress
 * @returns what ends the watch
 */
export function watchForStall(socket: Duplex, clock: Clock, onStall: () => void): () => void {
  let waiting = bytesWaiting(socket);
  let looksInVain = 0;
  let cancel = clock.schedule(look, LOOK_INTERVAL);

  /** Looks are counted, not time: a process that has slept has had no chance to see its peers take anything. */
  function look(): void {
    const before = waiting;
    waiting = bytesWaiting(socket);
    const isStuck = waiting >= before && socket.writableLength > HARMLESS;
    looksInVain = isStuck ? looksInVain + 1 : 0;
    if (looksInVain * LOOK_INTERVAL >= TIMEOUT) onStall();
    else cancel = clock.schedule(look, LOOK_INTERVAL);
  }

  return () => cancel();
}

/**
 * Bytes that the kernel has not taken. A stream counts a chunk until all of it is gone; a large roster on a
 * slow link takes longer than the time-out, and only the handle's `writeQueueSize` (which Node's own socket
 * time-outs use, and does not document) shows it move. Without it, only whole chunks count as progress.
 */
function bytesWaiting(socket: Duplex): number {
  const { _handle } = socket as { _handle?: { readonly writeQueueSize?: number } | null };
  return socket.writableLength + (_handle?.writeQueueSize ?? 0);
}
