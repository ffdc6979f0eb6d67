/** The guard: a list of checks, then the handshake. Who passes joins at once; nothing is awaited in between. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Events } from '../conference/events';
import { type JoinRequest, parseRequestTarget } from '../conference/protocol';
import { type HttpRefusal, type Refusal, refusals, withReason } from './refusals';

/** Milliseconds that a refused client has to read its answer before its socket is destroyed. */
const LINGER = 2_000;

/** A reason to refuse the request before the upgrade, or undefined to let it pass. */
export type Check = (request: IncomingMessage) => HttpRefusal | undefined;

/** A socket whose handshake is done: it is either admitted or closed. */
export interface Accepted {
  /** @param arrivedAt when the handshake came; by `performance.now()` */
  admit(request: JoinRequest, address: string, arrivedAt: number): void;
  close(code: number, reason: string): void;
}

/** What was accepted, or the problem that was found in the request, or undefined where the client has gone. */
export type HandshakeResult = Accepted | { readonly problem: string } | undefined;

/** Completes the WebSocket handshake, synchronously. */
export type Handshake = (request: IncomingMessage, socket: Duplex, head: Buffer) => HandshakeResult;

export interface DoorParts {
  readonly checks: readonly Check[];
  readonly handshake: Handshake;
  readonly events: Events;
}

/** Makes the listener for a server's `upgrade` event. */
export function upgradeListener({ checks, handshake, events }: DoorParts) {
  return function serverOnUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const arrivedAt = performance.now();
    socket.on('error', socketOnError);
    const address = request.socket.remoteAddress ?? 'unknown';
    const announce = ({ name, code, reason }: Refusal) =>
      events.emit('refused', { name, code, reason, address });
    const refuseUpgrade = (refusal: HttpRefusal) => {
      announce(refusal);
      answer(socket, refusal);
    };

    for (const check of checks) {
      const refusal = check(request);
      if (refusal !== undefined) {
        refuseUpgrade(refusal);
        return;
      }
    }
    const accepted = handshake(request, socket, head);
    if (accepted === undefined) return;
    if ('problem' in accepted) {
      refuseUpgrade(withReason(refusals.badHandshake, accepted.problem));
      return;
    }
    const target = parseRequestTarget(request.url ?? '');
    if (target.ok) {
      accepted.admit(target.request, address, arrivedAt);
    } else {
      announce(withReason(refusals.badRequest, target.problem));
      accepted.close(refusals.badRequest.code, target.problem);
    }
  };
}

function answer(socket: Duplex, { code, reason, headers }: HttpRefusal): void {
  const body = `${reason}\n`;
  const lines = Object.entries({
    ...headers,
    Connection: 'Upgrade' in headers ? 'Upgrade, close' : 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${code} ${STATUS_CODES[code]}\r\n${lines.join('')}\r\n${body}`);
  lingerAndDestroy(socket);
}

/**
 * Reads on until the client hangs up: a socket destroyed with unread bytes is reset, and a reset can
 * overtake the answer.
 */
function lingerAndDestroy(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroy());
  socket.resume();
}

/** A reset may come at any time from the first byte on; without a listener it would end the process. */
function socketOnError(this: Duplex): void {
  this.destroy();
}
