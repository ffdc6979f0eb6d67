/**
 * Every connection, from accept until it is a member or gone. Connections that are not yet members ("strangers") share
 * a small part of the file descriptors. When it is used up, the one that has been idle the longest is cut, so that a
 * new connection finds a place and a member never loses one.
 */
import { type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock';
import type { CutReason, Events } from '../events';
import { type DescriptorBudget, strangersAllowed } from './descriptors';
import { isLimited, readAddress, sharesOf, UNKNOWN } from './networks';
import { stopWhereAsked } from './parsing';
import { firstBut, type Stage, Stages, Tracked } from './stages';
import { Tally } from './tally';
import { WindowLimit } from './window-limit';

/** Browsers open several connections per page, and only one becomes a WebSocket. */
const CONNECTIONS_PER_HANDSHAKE = 2;
/** Connections beyond an address's limit, so that they can be refused with a reason. */
const TOLD = 16;

/** Requests per connection. */
const MAX_REQUESTS = 100;
/** Milliseconds for the TLS handshake and the first request, or from a response to the next request. */
const WAIT_TIMEOUT = 12_000;
/** Milliseconds after which a stranger is cut, unless a request is being answered. */
const MAX_AGE = 30_000;
/** Milliseconds between two checks of these. */
const LOOK_INTERVAL = 1_000;

export interface ConnectionsParts {
  readonly maxConnectionsPerIp: number;
  readonly maxHandshakesPerIp: number;
  /** A trusted proxy's connections do not count towards an address: they carry many clients. */
  readonly isProxy: (address: string) => boolean;
  readonly budget: DescriptorBudget;
  readonly clock: Clock;
  /** Emits `cut`. */
  readonly events: Events;
}

export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #tally: Tally;
  /** New TLS connections: each needs a signature, which is far more expensive than a request. */
  readonly #securingRate: WindowLimit;
  /** Until they are closed. */
  readonly #bySocket = new Map<Duplex, Tracked>();
  /** Connections in their TLS handshake, by client. */
  readonly #securing = new Map<string, Tracked>();
  readonly #stages = new Stages();
  /** One for all sockets: one for each would take more memory than its entry here. */
  readonly #socketOnClose: (this: Duplex) => void;
  #cancelLook: (() => void) | undefined;
  #closed = false;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    this.#tally = new Tally(parts.maxConnectionsPerIp);
    this.#securingRate = new WindowLimit(parts.maxHandshakesPerIp * CONNECTIONS_PER_HANDSHAKE);
    const closed = (socket: Duplex) => this.#socketClosed(socket);
    this.#socketOnClose = function (): void {
      closed(this);
    };
  }

  /** Watches all connections of a server from now on. */
  watch(server: Server, encrypts: boolean): void {
    server.on(encrypts ? 'secureConnection' : 'connection', stopWhereAsked);
    server.on('connection', (socket: Socket) => this.#opened(socket, encrypts));
    if (encrypts) server.on('secureConnection', (socket: Socket) => this.#secured(socket));
    const { connections } = this.#parts.budget;
    if (Number.isFinite(connections)) server.maxConnections = connections + TOLD;
  }

  /**
   * A complete request has arrived.
   * @returns whether to answer it, and whether it is the last one. A connection that pipelines requests is cut.
   */
  answering(socket: Duplex): 'answer' | 'answer the last' | 'cut' {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) return 'answer';
    const { bytesRead = Number.NaN } = socket as { readonly bytesRead?: number };
    if (connection.stage === 'answering' || bytesRead === connection.bytesRead)
      this.#cut(connection, 'pipelining');
    if (!this.#enter(connection, 'answering')) return 'cut';
    connection.bytesRead = bytesRead;
    connection.requests++;
    return connection.requests < MAX_REQUESTS ? 'answer' : 'answer the last';
  }

  /** The response is sent; the next request may follow. */
  answered(socket: Duplex): void {
    this.#advance(socket, 'waiting');
  }

  isAnswering(socket: Duplex): boolean {
    return this.#bySocket.get(socket)?.stage === 'answering';
  }

  /** It was refused, or got its last response. */
  leaving(socket: Duplex): void {
    this.#advance(socket, 'leaving');
  }

  /** It has become a member. */
  admitted(socket: Duplex): void {
    this.#advance(socket, 'member');
  }

  /** Destroys a connection and emits why. Not for members: they leave. */
  cut(socket: Duplex, why: CutReason): void {
    const connection =
      this.#bySocket.get(socket) ??
      (socket instanceof Socket ? this.#securing.get(clientOf(socket)) : undefined);
    if (connection !== undefined) this.#cut(connection, why);
  }

  /** Destroys all connections in their TLS handshake, now and later: closing a server leaves these open. */
  close(): void {
    this.#closed = true;
    this.#cancelLook?.();
    for (const { socket } of this.#securing.values()) socket.destroy();
  }

  #opened(socket: Socket, encrypts: boolean): void {
    const address = readAddress(socket.remoteAddress ?? '') ?? UNKNOWN;
    const counted = !this.#parts.isProxy(address);
    const connection = new Tracked(socket, address, counted, this.#parts.clock.now());
    this.#bySocket.set(socket, connection);
    this.#stages.add(connection);
    this.#cancelLook ??= this.#lookLater();
    if (counted) this.#tally.add(address);
    socket.on('close', this.#socketOnClose);
    if (encrypts) this.#secureLater(socket, connection);
    if (this.#closed) socket.destroy();
    else if (encrypts && counted && this.#isTooFast(address)) this.#cut(connection, 'too_fast');
    else this.#makeWay(connection);
  }

  #isTooFast(address: string): boolean {
    if (!isLimited(address)) return false;
    const tooFast = this.#securingRate.isReached(address);
    if (!tooFast) this.#securingRate.count(address);
    return tooFast;
  }

  /** A TLS socket and its TCP socket are only linked, publicly, by the addresses at both ends and the client's port. */
  #secureLater(socket: Socket, connection: Tracked): void {
    const client = clientOf(socket);
    this.#securing.set(client, connection);
    socket.once('close', () => this.#securing.delete(client));
  }

  #secured(socket: Socket): void {
    const client = clientOf(socket);
    const connection = this.#securing.get(client);
    if (connection === undefined) return;
    this.#securing.delete(client);
    connection.socket = socket;
    this.#bySocket.set(socket, connection);
    socket.on('close', this.#socketOnClose);
  }

  #socketClosed(socket: Duplex): void {
    const connection = this.#bySocket.get(socket);
    this.#bySocket.delete(socket);
    if (connection !== undefined) this.#gone(connection);
  }

  #advance(socket: Duplex, stage: Stage): void {
    const connection = this.#bySocket.get(socket);
    if (connection !== undefined) this.#enter(connection, stage);
  }

  #enter(connection: Tracked, stage: Stage): boolean {
    return this.#stages.enter(connection, stage, this.#parts.clock.now());
  }

  #lookLater(): () => void {
    return this.#parts.clock.schedule(() => this.#timerOnLook(), LOOK_INTERVAL);
  }

  /** Node's own timeouts restart with every byte, even an empty line. */
  #timerOnLook(): void {
    const now = this.#parts.clock.now();
    for (const connection of this.#stages.strangers.waiting) {
      const { since, openedAt } = connection;
      if (now - since >= WAIT_TIMEOUT || now - openedAt >= MAX_AGE) this.#cut(connection, 'too_slow');
    }
    this.#cancelLook = this.#stages.strangerCount > 0 ? this.#lookLater() : undefined;
  }

  #gone(connection: Tracked): void {
    if (this.#enter(connection, 'gone') && connection.counted) this.#tally.remove(connection.address);
  }

  /** From its own address first: an address over its share takes nothing from others. */
  #makeWay(newcomer: Tracked): void {
    if (newcomer.counted) this.#makeWayAtAddress(newcomer);
    const most = strangersAllowed(this.#parts.budget, this.#stages.memberCount);
    if (newcomer.stage === 'gone' || this.#stages.strangerCount <= most) return;
    this.#cut(this.#stages.inTheWay(newcomer) ?? newcomer, 'made_way');
  }

  #makeWayAtAddress(newcomer: Tracked): void {
    const key = this.#tally.fullKey(newcomer.address, 1);
    if (key === undefined) return;
    const isOwn = ({ address, counted }: Tracked) => counted && counts(address, key);
    const { leaving, waiting } = this.#stages.strangers;
    const own = firstBut(newcomer, leaving, isOwn) ?? firstBut(newcomer, waiting, isOwn);
    if (own !== undefined) this.#cut(own, 'too_many_from_address');
    else if (this.#tally.isFull(newcomer.address, 1 + TOLD)) this.#cut(newcomer, 'too_many_from_address');
  }

  #cut(connection: Tracked, why: CutReason): void {
    const { address, socket } = connection;
    this.#gone(connection);
    socket.destroy();
    this.#parts.events.emit('cut', { why, address });
  }
}

function counts(address: string, key: string): boolean {
  return sharesOf(address).some((share) => share.key === key);
}

/** Clients may have one address and port, where each calls another address of this machine. */
function clientOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
