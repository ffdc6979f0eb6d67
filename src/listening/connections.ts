/**
 * Every connection, from its first byte until it is a member or gone. Those that are no members share a small part
 * of the descriptors: when it is used up, the one that has had nothing to say for the longest makes way, so that a
 * newcomer finds a place and a member never loses one.
 */
import { type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CutReason, Events } from '../conference/events';
import { type DescriptorBudget, strangersAllowed } from './descriptors';
import { readAddress, sharesOf, UNKNOWN } from './networks';
import { Tally } from './tally';

/**
 * `waiting`: nothing whole has come from it that is not answered: it is silent, in its TLS handshake, in the middle
 * of a request or between two. `answering`: a request of it is, a handshake included.
 */
export type Stage = 'waiting' | 'answering' | 'member' | 'gone';

/** What may follow what. */
const NEXT: Readonly<Record<Stage, readonly Stage[]>> = {
  waiting: ['answering', 'gone'],
  answering: ['waiting', 'member', 'gone'],
  member: ['gone'],
  gone: [],
};

/** Connections that an address may have beyond its limit: those that are told of it, and are about to go. */
const TOLD = 16;

interface Connection {
  readonly address: string;
  /** Counts for its address. */
  readonly counted: boolean;
  stage: Stage;
  /** The TLS socket, once there is one. */
  socket: Duplex;
}

export interface ConnectionsParts {
  readonly maxConnectionsPerIp: number;
  /** Proxies speak for many: their connections do not count for an address. */
  readonly isProxy: (address: string) => boolean;
  readonly budget: DescriptorBudget;
  /** Hears `cut`. */
  readonly events: Events;
}

export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #tally: Tally;
  readonly #bySocket = new WeakMap<Duplex, Connection>();
  /** TLS connections whose handshake is not done, by client. */
  readonly #securing = new Map<string, Connection>();
  /** Those that are no members, the one that has been so for the longest first. */
  readonly #waiting = new Set<Connection>();
  readonly #answering = new Set<Connection>();
  #members = 0;
  #closed = false;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    this.#tally = new Tally(parts.maxConnectionsPerIp);
  }

  /** Watches all connections of a server from now on. */
  watch(server: Server, encrypts: boolean): void {
    server.on('connection', (socket: Socket) => this.#opened(socket, encrypts));
    if (encrypts) server.on('secureConnection', (socket: Socket) => this.#secured(socket));
    const { connections } = this.#parts.budget;
    if (Number.isFinite(connections)) server.maxConnections = connections + TOLD;
  }

  /**
   * A whole request has come.
   * @returns whether it may be answered: not while another one of the same connection is, which is cut for it
   */
  answering(socket: Duplex): boolean {
    const connection = this.#bySocket.get(socket);
    if (connection === undefined) return true;
    if (connection.stage === 'answering') this.#cut(connection, 'pipelining');
    return this.#enter(connection, 'answering');
  }

  /** Its answer is through: the next request may come. */
  answered(socket: Duplex): void {
    this.#advance(socket, 'waiting');
  }

  isAnswering(socket: Duplex): boolean {
    return this.#bySocket.get(socket)?.stage === 'answering';
  }

  /** It has become a member. */
  admitted(socket: Duplex): void {
    this.#advance(socket, 'member');
  }

  /** Destroys a connection, and says why. One that is a member has a departure of its own. */
  cut(socket: Duplex, why: CutReason): void {
    const connection =
      this.#bySocket.get(socket) ??
      (socket instanceof Socket ? this.#securing.get(clientOf(socket)) : undefined);
    if (connection !== undefined) this.#cut(connection, why);
  }

  /** Destroys what is in its TLS handshake, now and from now on: closing a server leaves such connections open. */
  close(): void {
    this.#closed = true;
    for (const { socket } of this.#securing.values()) socket.destroy();
  }

  #opened(socket: Socket, encrypts: boolean): void {
    const address = readAddress(socket.remoteAddress ?? '') ?? UNKNOWN;
    const counted = !this.#parts.isProxy(address);
    const connection: Connection = { address, counted, stage: 'waiting', socket };
    this.#bySocket.set(socket, connection);
    this.#waiting.add(connection);
    if (counted) this.#tally.add(address);
    socket.once('close', () => this.#gone(connection));
    if (encrypts) this.#secureLater(socket, connection);
    if (this.#closed) socket.destroy();
    else this.#makeWay(connection);
  }

  /** The TLS socket stands on the TCP socket, and nothing public leads from one to the other but the client. */
  #secureLater(socket: Socket, connection: Connection): void {
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
    socket.once('close', () => this.#gone(connection));
  }

  #advance(socket: Duplex, stage: Stage): void {
    const connection = this.#bySocket.get(socket);
    if (connection !== undefined) this.#enter(connection, stage);
  }

  #enter(connection: Connection, stage: Stage): boolean {
    if (!NEXT[connection.stage].includes(stage)) return false;
    this.#waiting.delete(connection);
    this.#answering.delete(connection);
    if (connection.stage === 'member') this.#members--;
    connection.stage = stage;
    if (stage === 'waiting') this.#waiting.add(connection);
    if (stage === 'answering') this.#answering.add(connection);
    if (stage === 'member') this.#members++;
    return true;
  }

  #gone(connection: Connection): void {
    if (this.#enter(connection, 'gone') && connection.counted) this.#tally.remove(connection.address);
  }

  /** At its own address first: whoever takes more than a share takes it from nobody else. */
  #makeWay(newcomer: Connection): void {
    if (newcomer.counted) this.#makeWayAtAddress(newcomer);
    const strangers = this.#waiting.size + this.#answering.size;
    if (newcomer.stage === 'gone' || strangers <= strangersAllowed(this.#parts.budget, this.#members)) return;
    this.#cut(
      firstBut(newcomer, this.#waiting) ?? firstBut(newcomer, this.#answering) ?? newcomer,
      'made_way',
    );
  }

  #makeWayAtAddress(newcomer: Connection): void {
    const key = this.#tally.fullKey(newcomer.address, 1);
    if (key === undefined) return;
    const own = firstBut(newcomer, this.#waiting, ({ address, counted }) => counted && counts(address, key));
    if (own !== undefined) this.#cut(own, 'too_many_from_address');
    else if (this.#tally.isFull(newcomer.address, 1 + TOLD)) this.#cut(newcomer, 'too_many_from_address');
  }

  #cut(connection: Connection, why: CutReason): void {
    const { address, socket } = connection;
    this.#gone(connection);
    socket.destroy();
    this.#parts.events.emit('cut', { why, address });
  }
}

function firstBut(
  newcomer: Connection,
  connections: Iterable<Connection>,
  fits: (connection: Connection) => boolean = () => true,
): Connection | undefined {
  for (const connection of connections) if (connection !== newcomer && fits(connection)) return connection;
  return undefined;
}

function counts(address: string, key: string): boolean {
  return sharesOf(address).some((share) => share.key === key);
}

function clientOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
