/**
 * The door: a list of checks, the handshake, then the join. Credentials, if required, are checked after the
 * handshake, so that a browser can read the outcome.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Grant, type JoinRequest, parseRequestTarget } from '../conference/protocol';
import type { Events } from '../events';
import type { Connections } from '../listening/connections';
import type { Applicant, AskFirst, Authorise, Refused } from './auth/verdict';
import { type Close, type HttpRefusal, type Refusal, refusals, withReason } from './refusals';

/** Milliseconds for a refused client to read its response before its socket is destroyed. */
const LINGER = 2_000;
/** Bytes read from it meanwhile. */
const LINGER_BYTES = 64 * 1024;

/** Returns a refusal, or undefined to let the request pass. */
export type Check = (
  request: IncomingMessage,
  address: string,
) => HttpRefusal | undefined | Promise<HttpRefusal | undefined>;

/** A socket after its handshake: to be admitted or closed. */
export interface Accepted {
  /**
   * @param arrivedAt when the handshake arrived, by `performance.now()`
   * @param grant what its credentials give it
   */
  admit(request: JoinRequest, address: string, arrivedAt: number, grant: Grant): void;
  close(refusal: Close): void;
  isOpen(): boolean;
  /** Calls `listener` when the client disconnects or is closed before it is admitted, possibly more than once. */
  onGone(listener: () => void): void;
}

/** The accepted socket, a problem with the request, or undefined if the client has disconnected. */
export type HandshakeResult = Accepted | { readonly problem: string } | undefined;

/** Completes the WebSocket handshake, synchronously. */
export type Handshake = (request: IncomingMessage, socket: Duplex, head: Buffer) => HandshakeResult;

export interface DoorParts {
  readonly connections: Connections;
  /** A request's client address. */
  readonly clientAddress: (request: IncomingMessage) => string;
  readonly checks: readonly Check[];
  readonly handshake: Handshake;
  /** Returns a reason to close the socket instead of admitting it. */
  readonly checkJoin: (
    request: JoinRequest,
    address: string,
    subject: string | undefined,
    maxSize?: number,
  ) => Close | undefined;
  /** Checks credentials. Without it, the join follows the handshake synchronously. */
  readonly authorise: Authorise | undefined;
  /** Asks the application about those whom nothing else keeps out. */
  readonly askFirst: AskFirst | undefined;
  readonly events: Events;
  /** Receives unexpected errors. Each has cost one client its socket, and affected no other. */
  readonly onError: (error: unknown) => void;
}

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Makes the listener for a server's `upgrade` event. */
export function upgradeListener(parts: DoorParts): UpgradeListener {
  return function serverOnUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', socketOnError);
    if (parts.connections.answering(socket) === 'cut') return;
    letIn(parts, request, socket, head).catch((error: unknown) => {
      socket.destroy();
      parts.onError(error);
    });
  };
}

/** Takes handshakes on this path only. A trailing slash on either path is ignored. */
export function atPath(path: string, listener: UpgradeListener): UpgradeListener {
  const wanted = withoutLastSlash(path);
  return (request, socket, head) => {
    const [asked = ''] = (request.url ?? '').split(/[?#]/, 1);
    if (withoutLastSlash(asked) === wanted) listener(request, socket, head);
  };
}

function withoutLastSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

async function letIn(
  parts: DoorParts,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const { connections, clientAddress, checks, handshake, checkJoin, authorise, askFirst, events } = parts;
  const arrivedAt = performance.now();
  const address = clientAddress(request);
  let asked: Partial<Pick<JoinRequest, 'room' | 'streamName'>> = {};
  const announce = ({ name, code, reason }: Refusal) =>
    events.emit('refused', { name, code, reason, address, ...asked });
  const refuseUpgrade = (refusal: HttpRefusal) => {
    answer(socket, refusal);
    connections.leaving(socket);
    announce(refusal);
  };

  for (const check of checks) {
    const checked = check(request, address);
    const refusal = checked instanceof Promise ? await checked : checked;
    if (refusal !== undefined) return refuseUpgrade(refusal);
  }
  const accepted = handshake(request, socket, head);
  if (accepted === undefined) return;
  if ('problem' in accepted) return refuseUpgrade(withReason(refusals.badHandshake, accepted.problem));
  // From here on `ws` listens, and a second listener takes memory as long as the member stays.
  socket.off('error', socketOnError);

  const close = (refusal: Close) => {
    accepted.close(refusal);
    connections.leaving(socket);
    announce(refusal);
  };
  const target = parseRequestTarget(request.url ?? '');
  if (!target.ok) return close(withReason(refusals.badRequest, target.problem));
  const joining = target.request;
  asked = { room: joining.room, streamName: joining.streamName };
  if (authorise === undefined && askFirst === undefined) {
    const refusal = checkJoin(joining, address, undefined);
    if (refusal !== undefined) return close(refusal);
    accepted.admit(joining, address, arrivedAt, {});
    return;
  }

  const gone = new AbortController();
  accepted.onGone(() => gone.abort());
  const permit = await examine(parts, { request, joining, address, gone: gone.signal });
  if (gone.signal.aborted || !accepted.isOpen()) return;
  if (permit.refusal !== undefined) return close(permit.refusal);
  // Others may have joined meanwhile, and an operator may have ordered something else.
  const refusal = checkJoin(permit.joining, address, permit.grant.subject, permit.maxSize);
  if (refusal !== undefined) return close(refusal);
  accepted.admit(permit.joining, address, arrivedAt, permit.grant);
}

type Permit = Refused | (Permitted & { readonly refusal: undefined });

interface Permitted {
  readonly joining: JoinRequest;
  readonly grant: Grant;
  readonly maxSize?: number;
}

/** First the credentials, then what the host knows by itself, and then the application. */
async function examine({ authorise, askFirst, checkJoin }: DoorParts, applicant: Applicant): Promise<Permit> {
  const verdict = (await authorise?.(applicant)) ?? { refusal: undefined };
  if (verdict.refusal !== undefined) return verdict;
  const { claims, observe, ...grant } = verdict;
  const joining: JoinRequest = observe ? { ...applicant.joining, observe } : applicant.joining;
  const permit = { refusal: undefined, joining, grant };
  if (askFirst === undefined || applicant.gone.aborted) return permit;
  const refusal = checkJoin(joining, applicant.address, grant.subject);
  if (refusal !== undefined) return { refusal };
  const leave = await askFirst({ ...applicant, joining, ...(claims && { claims }) });
  return leave.refusal === undefined ? { ...permit, ...leave } : leave;
}

function answer(socket: Duplex, { code, reason, headers }: HttpRefusal): void {
  const body = `${reason}\n`;
  const lines = Object.entries({
    ...headers,
    Connection: 'Upgrade' in headers ? 'Upgrade, close' : 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\n${lines.join('')}\r\n${body}`);
  lingerAndDestroy(socket);
}

/**
 * Keeps reading until the client closes: destroying a socket with unread bytes resets it, and a reset can overtake
 * the response.
 */
function lingerAndDestroy(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroy());
  let read = 0;
  socket.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > LINGER_BYTES) socket.destroy();
  });
}

/** A reset can come at any time. Without a listener it would crash the process. */
function socketOnError(this: Duplex): void {
  this.destroy();
}
