/**
 * Stops the parser of a connection where it stands: at the headers of a request whose body nobody wants, or of one that
 * comes while another is answered. Node parses a chunk to its end, and makes a request or a piece of a body of whatever
 * it finds, also once the socket is destroyed: 64 KiB of short ones stop the loop for tens of milliseconds. This leans
 * on `parser.onIncoming`, which Node does not document: what it returns tells the parser to go on, or (2) that what
 * follows is no HTTP. Without it all is as safe, at the cost above.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Bytes of a body that are read and thrown away: nothing here takes a body. */
const MOST_BODY = 4 * 1024;

interface Parser {
  onIncoming?: (...request: readonly unknown[]) => number;
}

/** As for an upgrade: nothing that follows is parsed. */
const stop = () => 2;

/** To be called for each connection, before its first byte: else `stopParsing` stops at the next request only. */
export function stopWhereAsked(socket: Duplex): void {
  const parser = parserOf(socket);
  const onIncoming = parser?.onIncoming;
  if (parser === undefined || onIncoming === undefined) return;
  parser.onIncoming = (...request) => {
    const next = onIncoming(...request);
    return parser.onIncoming === stop ? stop() : next;
  };
}

/** While the server hears of a request: neither its body nor anything behind it is parsed. */
export function stopParsing(socket: Duplex): void {
  const parser = parserOf(socket);
  if (parser?.onIncoming !== undefined) parser.onIncoming = stop;
}

/** Whether a request has a body that is not worth reading to its end: a long one, or one that does not say how long. */
export function hasLongBody({ headers }: IncomingMessage): boolean {
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = headers;
  return encoding !== undefined || Number(length) > MOST_BODY;
}

function parserOf(socket: Duplex): Parser | undefined {
  return (socket as { readonly parser?: Parser | null }).parser ?? undefined;
}
