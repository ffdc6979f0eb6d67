/** Input that is not HTTP, or not the kind this port takes. It is answered if that helps. */
import { type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CutReason } from '../events';
import type { Connections } from './connections';

/** The parser's errors and their responses; any other is a 400. */
const PARSER_ERRORS: Readonly<Record<string, { readonly why: CutReason; readonly status: number }>> = {
  HPE_HEADER_OVERFLOW: { why: 'headers_too_large', status: 431 },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { why: 'headers_too_large', status: 413 },
  ERR_HTTP_REQUEST_TIMEOUT: { why: 'too_slow', status: 408 },
};

/** The client disconnected or was cut: nothing to report. */
const HUNG_UP = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);

/** OpenSSL's errors for plain HTTP on a TLS port: it recognises some methods only. */
const PLAIN_HTTP = new Set([
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_HTTPS_PROXY_REQUEST',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** The first byte of a TLS handshake (RFC 8446, section 5.1), and of no HTTP request. */
const TLS_HANDSHAKE = 22;

interface ParserError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** Answers, cuts and reports what the server cannot read. */
export function watchForMishaps(server: Server, connections: Connections): void {
  server.on('clientError', (error: ParserError, socket) => serverOnClientError(error, socket, connections));
  server.on('tlsClientError', (error: ParserError, socket: Duplex) => {
    const why = tlsProblem(error.code ?? '');
    if (why !== undefined) connections.cut(socket, why);
  });
}

function serverOnClientError(
  { code = '', rawPacket }: ParserError,
  socket: Duplex,
  connections: Connections,
): void {
  if (HUNG_UP.has(code) || !socket.writable) {
    socket.destroy();
    return;
  }
  if (rawPacket?.[0] === TLS_HANDSHAKE) {
    connections.cut(socket, 'tls_on_plain_port');
    return;
  }
  const { why, status } = PARSER_ERRORS[code] ?? { why: 'unreadable', status: 400 };
  if (!connections.isAnswering(socket)) socket.write(answer(status));
  connections.cut(socket, why);
}

function answer(status: number): string {
  const headers = ['Connection: close', 'Content-Length: 0', 'X-Content-Type-Options: nosniff'];
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('\r\n')}\r\n\r\n`;
}

function tlsProblem(code: string): CutReason | undefined {
  if (PLAIN_HTTP.has(code)) return 'plain_on_tls_port';
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'too_slow';
  return HUNG_UP.has(code) ? undefined : 'tls_failed';
}
