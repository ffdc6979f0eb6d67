/** Guards plain requests: one at a time per connection, a rate per address, and a deadline for reading the response. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../clock';
import type { Events } from '../events';
import type { Connections } from '../listening/connections';
import { hasLongBody, stopParsing } from '../listening/parsing';
import { checkHost } from './handshake';
import type { HttpRefusal } from './refusals';
import type { Check } from './upgrade';

/** Milliseconds for a client to read its response. */
export const ANSWER_TIMEOUT = 15_000;

export interface RequestParts {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly clientAddress: (request: IncomingMessage) => string;
  readonly checkRate: Check;
  /** Whether a request's body is read, also where it is long or does not say how long it is. */
  readonly takesBody: (request: IncomingMessage) => boolean;
  /** Answers requests that pass the checks. */
  readonly answer: RequestListener;
  /** Emits `refused`. */
  readonly events: Events;
  /** Receives unexpected errors. */
  readonly onError: (error: unknown) => void;
}

/** Makes the listener for a server's `request` event. */
export function requestListener(parts: RequestParts): RequestListener {
  const { clock, connections, takesBody, onError } = parts;
  return function serverOnRequest(request, response) {
    const { socket } = request;
    const turn = connections.answering(socket);
    const isRead = takesBody(request);
    const isLong = hasLongBody(request) && !isRead;
    if (turn === 'cut' || isLong || (turn === 'answer the last' && !isRead)) stopParsing(socket);
    if (turn === 'cut') return;
    if (turn === 'answer the last' || isLong) response.setHeader('Connection', 'close');
    if (isLong) socket.pause();
    const cancel = expectToBeTaken(response, clock, () => connections.cut(socket, 'answer_not_taken'));
    response.once('close', () => {
      cancel();
      connections.answered(socket);
    });
    checkAndAnswer(parts, request, response).catch((error: unknown) => {
      socket.destroy();
      onError(error);
    });
  };
}

async function checkAndAnswer(
  { connections, clientAddress, checkRate, answer, events }: RequestParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const address = clientAddress(request);
  const checked = checkRate(request, address);
  const refusal = (checked instanceof Promise ? await checked : checked) ?? checkHost(request);
  if (response.destroyed) return;
  if (refusal === undefined) return answer(request, response);
  refuse(response, refusal);
  connections.leaving(request.socket);
  const { name, code, reason } = refusal;
  events.emit('refused', { name, code, reason, address });
}

function refuse(response: ServerResponse, { code, reason, headers }: HttpRefusal): void {
  const plain = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' };
  response.writeHead(code, { ...headers, ...plain, Connection: 'close' }).end(`${reason}\n`);
}

/**
 * A complete response must be read in time. While one is still open (server-sent events), what was written by one
 * check must be read by the next.
 * @returns a function that stops the checks
 */
function expectToBeTaken(response: ServerResponse, clock: Clock, onStall: () => void): () => void {
  let owed = 0;
  let cancel = clock.schedule(look, ANSWER_TIMEOUT);

  function look(): void {
    const { bytesWritten = 0, writableLength = 0 } = response.socket ?? {};
    if (response.writableEnded || bytesWritten - writableLength < owed) {
      onStall();
      return;
    }
    owed = bytesWritten;
    cancel = clock.schedule(look, ANSWER_TIMEOUT);
  }

  return () => cancel();
}
