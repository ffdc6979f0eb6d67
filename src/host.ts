/** The composition root: builds everything, starts it, and closes it in order. */
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BackplaneOverrides, createBackplane } from './backplane/create';
import { systemClock } from './clock';
import type { BackplaneEvents, BackplaneStatus } from './conference/backplane-status';
import { Conference } from './conference/conference';
import type { ConferenceEvents, Events } from './conference/events';
import { createAuthorise } from './door/auth/authorise';
import { clientAddressReader, proxyCheck } from './door/client-address';
import { checkHandshake } from './door/handshake';
import { Limits } from './door/limits';
import { originCheck } from './door/origin';
import { refusals } from './door/refusals';
import { requestListener } from './door/requests';
import { type Check, type DoorParts, upgradeListener } from './door/upgrade';
import { Degradations } from './http/degradations';
import type { Health } from './http/shapes';
import type { HttpWing } from './http/wing';
import { clientUrls, pageUrls } from './listening/addresses';
import { Connections } from './listening/connections';
import { descriptorBudget } from './listening/descriptors';
import { createListener, type Listener } from './listening/listener';
import { watchForMishaps } from './listening/mishaps';
import { type Logger, logEvents, silentLogger } from './logging/events';
import { Members } from './members';
import { doors } from './settings/doors';
import { compatibilityNotes, resolveOptions } from './settings/resolve';
import { type Settings, variableOf } from './settings/table';
import { textFrame } from './sockets/frame';
import type { SocketPeer } from './sockets/peer';

/** Every option has the default that the README's settings table gives. */
export interface HostOptions extends Partial<Omit<Settings, 'logLevel'>> {
  /** Where the host logs; nowhere unless given. Any pino logger fits. */
  readonly logger?: Logger;
}

/**
 * Connections that the system keeps until they are accepted, within its own limit (Linux: 4,096). Beyond it clients
 * try again only a second later: Node's 511 are soon used up by a storm, or by a stranger who dials all the time.
 */
const BACKLOG = 4_096;

/** Milliseconds between two log lines about connections that could not be accepted. */
const ACCEPT_ERROR_INTERVAL = 10_000;

/** What tests replace; no setting and no part of the public API. */
export interface HostOverrides {
  readonly backplane?: BackplaneOverrides;
}

export class ConferenceHost {
  /** Emits what `ConferenceEvents` lists. */
  readonly events: Events = new EventEmitter<ConferenceEvents>();
  /** Emits `state` and `propagated`; nothing where the host is alone. */
  readonly backplaneEvents = new EventEmitter<BackplaneEvents>();
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #conference: Conference<SocketPeer>;
  readonly #members: Members;
  readonly #listener: Listener;
  readonly #degradations = new Degradations(this.events);
  readonly #limits: Limits;
  readonly #connections: Connections;
  readonly #endLog: () => void;
  readonly #budget = descriptorBudget();
  readonly #clientAddress: (request: IncomingMessage) => string;
  #http: HttpWing | undefined;
  #prepared: Promise<void> | undefined;
  #starting: Promise<AddressInfo> | undefined;
  #draining = false;
  readonly #drained = new AbortController();
  #acceptErrorAt = 0;
  #closing: Promise<void> | undefined;

  /** @throws SettingsError when an option has a value that it does not take */
  constructor({ logger = silentLogger, ...options }: HostOptions = {}, overrides: HostOverrides = {}) {
    const settings = resolveOptions(options);
    this.#settings = settings;
    this.#logger = logger;
    const { events } = this;
    const surroundings = { clock: systemClock, logger, events: this.backplaneEvents };
    const backplane = createBackplane(settings, surroundings, overrides.backplane);
    this.#conference = new Conference({ clock: systemClock, backplane, encode: textFrame, events });
    this.#limits = new Limits({
      ...settings,
      maxConnections: this.#maxConnections,
      roomSize: (room) => this.#conference.roomSize(room),
    });
    const isProxy = proxyCheck(settings.trustProxy);
    this.#clientAddress = clientAddressReader(isProxy);
    this.#connections = new Connections({
      ...settings,
      isProxy,
      budget: this.#budget,
      clock: systemClock,
      events,
    });
    this.#members = new Members(settings, this.#conference, this.#limits, this.#connections, events);
    this.#listener = createListener(settings, events);
    this.#endLog = logEvents(events, logger, systemClock);
  }

  /**
   * Starts listening. May be tried again where it has failed.
   * @returns the address that was bound
   * @throws the system's error (EADDRINUSE, EACCES, …) when the port cannot be had
   * @throws SettingsError when the certificate cannot be used
   * @throws Error when the host is closed, or listens already
   */
  start(): Promise<AddressInfo> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<AddressInfo> {
    this.#assertNotClosed();
    this.#prepared ??= this.#prepare();
    await this.#prepared;
    this.#assertNotClosed();
    const { server, scheme } = this.#listener;
    if (server.listening) throw new Error('the host listens already');
    server.listen({ port: this.#settings.port, host: this.#settings.host, backlog: BACKLOG });
    await once(server, 'listening');
    server.on('error', this.#serverOnError);
    const bound = this.address;
    const { adminToken, metricsToken } = this.#settings;
    const urls = clientUrls(bound, scheme);
    const pages = pageUrls(urls, (adminToken ?? metricsToken) !== undefined);
    this.#logger.info({ urls, pages, maxConnections: this.#maxConnections }, 'listening');
    this.#logger.info({ doors: doors(this.#settings) }, 'doors');
    this.#http = this.#openHttp();
    return bound;
  }

  async #prepare(): Promise<void> {
    for (const note of compatibilityNotes(this.#settings)) this.#logger.warn({}, note);
    await this.#listener.start();
    await this.#openDoor();
    await this.#conference.start();
  }

  #assertNotClosed(): void {
    if (this.#closing !== undefined) throw new Error('the host is closed');
  }

  /** Where the host listens. @throws when it does not */
  get address(): AddressInfo {
    const bound = this.#listener.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the host is not listening');
    return bound;
  }

  get #maxConnections(): number {
    return Math.min(this.#settings.maxConnections, this.#budget.members);
  }

  /** How many rooms have members. */
  get roomCount(): number {
    return this.#conference.roomCount;
  }

  /** How this host stands with the other nodes of its cluster. */
  get backplaneStatus(): BackplaneStatus {
    return this.#conference.backplaneStatus;
  }

  /**
   * Lets nobody in any more, waits until all members have left or `drainTimeout` is up, then closes as
   * `closeNow` does.
   */
  async close(): Promise<void> {
    if (this.#settings.drainTimeout > 0) await this.#drain();
    await this.closeNow();
  }

  /**
   * Stops listening and broadcasting, and tells every socket 1001. Done when all are gone, which those that
   * do not answer are after 2 s.
   */
  closeNow(): Promise<void> {
    this.#drained.abort();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #isStopping(): boolean {
    return this.#draining || this.#closing !== undefined;
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    this.#logger.info({ rooms: this.roomCount, seconds: this.#settings.drainTimeout }, 'draining');
    const timeIsUp = AbortSignal.timeout(this.#settings.drainTimeout * 1_000);
    const signal = AbortSignal.any([timeIsUp, this.#drained.signal]);
    while (this.roomCount > 0 && !signal.aborted) {
      await once(this.events, 'left', { signal }).catch(() => {});
    }
  }

  async #close(): Promise<void> {
    await this.#starting?.catch(() => {});
    const { server } = this.#listener;
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    server.closeAllConnections();
    this.#listener.stop();
    this.#connections.close();
    this.#http?.close();
    this.#conference.fallSilent();
    this.#members.sendAway();
    await Promise.all([closed, this.#conference.stop()]);
    this.#members.stop();
    this.#endLog();
    this.#logger.info({}, 'closed');
  }

  /** Says who gets in. What the settings do not ask for is not loaded. */
  async #openDoor(): Promise<void> {
    const { events } = this;
    const { server, encrypts } = this.#listener;
    const limits = this.#limits;
    const connections = this.#connections;
    const checks: Check[] = [
      (_request, address) => limits.checkHandshakeRate(address),
      () => (this.#isStopping ? refusals.draining : undefined),
      () => (this.#members.openSockets >= this.#budget.sockets ? refusals.noDescriptor : undefined),
      checkHandshake,
      originCheck(this.#settings.allowedOrigins, variableOf('allowedOrigins')),
    ];
    const parts: DoorParts = {
      connections,
      clientAddress: this.#clientAddress,
      checks,
      handshake: (request, socket, head) => this.#members.handshake(request, socket, head),
      checkJoin: (joining, address) =>
        this.#isStopping ? refusals.goingAway : limits.checkJoin(joining, address),
      authorise: await createAuthorise(this.#settings, events),
      events,
      onError: (error) => this.#logger.error({ err: error }, 'a handshake failed'),
    };
    const answerRequest = requestListener({
      clock: systemClock,
      connections,
      clientAddress: this.#clientAddress,
      checkRate: (_request, address) => limits.checkRequestRate(address),
      answer: (request, response) => this.#http?.listener(request, response),
      events,
      onError: (error) => this.#logger.error({ err: error }, 'a plain request failed'),
    });
    connections.watch(server, encrypts);
    watchForMishaps(server, connections);
    server.on('upgrade', upgradeListener(parts));
    server.on('request', answerRequest);
    server.on('checkExpectation', answerRequest);
  }

  /** Loaded only now that the host listens: what people look at must not delay what clients wait for. */
  #openHttp(): HttpWing {
    const { createHttpWing } = require('./http/wing') as typeof import('./http/wing');
    return createHttpWing({
      events: this.events,
      rooms: this.#conference.rooms,
      streams: (room) => this.#conference.streams(room),
      adminToken: this.#settings.adminToken,
      metricsToken: this.#settings.metricsToken,
      clientAddress: this.#clientAddress,
      ready: () => !this.#isStopping,
      health: () => this.#health(),
      backplane: { status: () => this.backplaneStatus, events: this.backplaneEvents },
      removed: refusals.removed,
      upgradeRequired: refusals.upgradeRequired,
      onError: (error) => this.#logger.error({ err: error }, 'a plain request failed'),
    });
  }

  #health(): Health {
    const { state, since, why, nodes } = this.backplaneStatus;
    const degradations = this.#degradations.list();
    if (state === 'connecting' || state === 'degraded') {
      degradations.push({ part: 'backplane', since, reason: why ?? 'not connected yet' });
    }
    const status = degradations.length === 0 ? 'ok' : 'degraded';
    return { status, degradations, backplane: { state, since, nodes } };
  }

  readonly #serverOnError = (error: Error): void => {
    const now = Date.now();
    if (now - this.#acceptErrorAt < ACCEPT_ERROR_INTERVAL) return;
    this.#acceptErrorAt = now;
    this.#logger.error({ err: error }, 'cannot accept connections');
  };
}
