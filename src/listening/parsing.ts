/**
 * Stops a connection's HTTP parser: after the headers of a request with an unwanted body, or of a pipelined one. Node
 * parses every chunk to its end, even after the socket is destroyed, so 64 KiB of tiny requests or body pieces would
 * block the loop. Relies on the undocumented `parser.onIncoming`: if it returns 2, the parser treats the rest as not
 * HTTP. Without it everything is as safe, only slower.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Bytes of a body that are read and discarded. No request here needs a body. */
const MOST_BODY = 4 * 1024;

interface Parser {
  onIncoming?: (...request: readonly unknown[]) => number;
}

/** As for an upgrade: the rest is not parsed. */
const stop = () => 2;

/** Call for each connection before its first byte; otherwise `stopParsing` only takes effect at the next request. */
export function stopWhereAsked(socket: Duplex): void {
  const parser = parserOf(socket);
  const onIncoming = parser?.onIncoming;
  if (parser === undefined || onIncoming === undefined) return;
  parser.onIncoming = (...request) => {
    const next = onIncoming(...request);
    return parser.onIncoming === stop ? stop() : next;
  };
}

/** Call while handling a `request` event: neither its body nor what follows is parsed. */
export function stopParsing(socket: Duplex): void {
  const parser = parserOf(socket);
  if (parser?.onIncoming !== undefined) parser.onIncoming = stop;
}

/** Whether the body is too long to discard, or of unknown length. */
export function hasLongBody({ headers }: IncomingMessage): boolean {
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = headers;
  return encoding !== undefined || Number(length) > MOST_BODY;
}

function parserOf(socket: Duplex): Parser | undefined {
  return (socket as { readonly parser?: Parser | null }).parser ?? undefined;
}
