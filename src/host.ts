/** The composition root: builds everything, starts it, and closes it in order. */
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { clientUrls } from './addresses';
import { singleNode } from './conference/backplane';
import type { Clock } from './conference/broadcaster';
import { Conference } from './conference/conference';
import type { ConferenceEvents, Departure, Events, MemberFacts } from './conference/events';
import { checkHandshake } from './door/handshake';
import { refusals } from './door/refusals';
import { type HandshakeResult, upgradeListener } from './door/upgrade';
import type { Degradation, Health } from './http/shapes';
import type { HttpWing } from './http/wing';
import { type Logger, logEvents, silentLogger } from './log';
import { resolveOptions, type Settings } from './options';
import { textFrame } from './sockets/frame';
import { SocketPeer } from './sockets/peer';
import { SocketServer } from './sockets/server';
import type { PeerWebSocket } from './sockets/websocket';

/** Every option has the default that the README's settings table gives. */
export interface HostOptions extends Partial<Omit<Settings, 'logLevel'>> {
  /** Where the host logs; nowhere unless given. Any pino logger fits. */
  readonly logger?: Logger;
}

const REQUEST_LIMITS = {
  /** Bytes. */
  maxHeaderSize: 8 * 1024,
  /** Milliseconds that a client has to send its request's headers; checked every second. */
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};

const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (task, delay) => {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};

export class ConferenceHost {
  /** Emits what `ConferenceEvents` lists. */
  readonly events: Events = new EventEmitter<ConferenceEvents>();
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #conference: Conference<SocketPeer>;
  readonly #sockets = new SocketServer();
  readonly #server: Server;
  #http: HttpWing | undefined;
  #lastMemberId = 0;
  #closing: Promise<void> | undefined;

  /** @throws SettingsError when an option has a value that it does not take */
  constructor({ logger = silentLogger, ...options }: HostOptions = {}) {
    this.#settings = resolveOptions(options);
    this.#logger = logger;
    const { events } = this;
    this.#conference = new Conference({
      clock: systemClock,
      backplane: singleNode,
      encode: textFrame,
      events,
    });
    this.#server = createServer(REQUEST_LIMITS);
    const handshake = this.#handshake.bind(this);
    this.#server.on('upgrade', upgradeListener({ checks: [checkHandshake], handshake, events }));
    logEvents(events, logger);
  }

  /**
   * Starts listening.
   * @returns the address that was bound
   * @throws the system's error (EADDRINUSE, EACCES, …) when the port cannot be had
   */
  async start(): Promise<AddressInfo> {
    await this.#conference.start();
    this.#server.listen({ port: this.#settings.port, host: this.#settings.host });
    await once(this.#server, 'listening');
    this.#server.on('error', (error) => this.#logger.error({ err: error }, 'cannot accept connections'));
    const bound = this.address;
    this.#logger.info({ urls: clientUrls(bound, 'ws') }, 'listening');
    this.#http = this.#openHttp();
    this.#server.on('request', this.#http.listener);
    return bound;
  }

  /** Where the host listens. @throws when it does not */
  get address(): AddressInfo {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the host is not listening');
    return bound;
  }

  /** How many rooms have members. */
  get roomCount(): number {
    return this.#conference.roomCount;
  }

  /** Stops listening and broadcasting, and tells every socket 1001. Done when all are gone, within some 2 s. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    this.#server.closeAllConnections();
    this.#http?.close();
    await this.#conference.stop();
    this.#sockets.closeAll(refusals.goingAway.code, refusals.goingAway.reason);
    await closed;
    this.#logger.info({}, 'closed');
  }

  #handshake(request: IncomingMessage, socket: Duplex, head: Buffer): HandshakeResult {
    const opened = this.#sockets.handshake(request, socket, head);
    if (opened === undefined || 'problem' in opened) return opened;
    return {
      admit: ({ room, streamName }, address, arrivedAt) => {
        this.#lastMemberId++;
        const facts = { id: this.#lastMemberId, room, streamName, address, since: Date.now() };
        this.#admit(opened, socket, facts, arrivedAt);
      },
      close: (code, reason) => opened.close(code, reason),
    };
  }

  #admit(ws: PeerWebSocket, socket: Duplex, facts: MemberFacts, arrivedAt: number): void {
    const peer = new SocketPeer(ws, socket, facts, this.#onPeerGone, this.#onIgnored);
    this.events.emit('joined', peer, performance.now() - arrivedAt);
    this.#conference.admit(peer);
  }

  readonly #onPeerGone = (peer: SocketPeer, departure: Departure): void => {
    this.events.emit('left', peer, departure);
    this.#conference.depart(peer);
  };

  readonly #onIgnored = (): void => {
    this.events.emit('ignored');
  };

  /** Loaded only now that the host listens: what people look at must not delay what clients wait for. */
  #openHttp(): HttpWing {
    const { createHttpWing } = require('./http/wing') as typeof import('./http/wing');
    return createHttpWing({
      events: this.events,
      rooms: this.#conference.rooms,
      streams: (room) => this.#conference.streams(room),
      adminToken: this.#settings.adminToken,
      ready: () => this.#closing === undefined,
      health: () => this.#health(),
      removed: refusals.removed,
      upgradeRequired: refusals.upgradeRequired,
      onError: (error) => this.#logger.error({ err: error }, 'a plain request failed'),
    });
  }

  #health(): Health {
    const degradations: Degradation[] = [];
    const status = degradations.length === 0 ? 'ok' : 'degraded';
    return { status, degradations, backplane: { state: 'alone', nodes: [] } };
  }
}
