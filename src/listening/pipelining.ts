/**
 * Stops the parser of a connection that sends requests while one is answered. Node parses a chunk to its end, and makes
 * a request of whatever it finds, also once the socket is destroyed: 64 KiB of short requests stop the loop for tens
 * of milliseconds. This leans on `parser.onIncoming`, which Node does not document: what it returns tells the parser
 * to go on, or (2) that what follows is no HTTP. Without it all is as safe, at the cost above.
 */
import type { Duplex } from 'node:stream';

/** As for an upgrade: nothing that follows is parsed. */
const STOP = 2;

export function stopParsing(socket: Duplex): void {
  const { parser } = socket as { readonly parser?: { onIncoming?: () => number } | null };
  if (parser?.onIncoming !== undefined) parser.onIncoming = () => STOP;
}
