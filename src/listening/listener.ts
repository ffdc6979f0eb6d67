/** What listens on the port: a plain http server, or a TLS one where the settings name a certificate. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Events } from '../events';
import type { Settings } from '../settings/table';
import { TLS_LIMITS, TlsCertificate } from './certificate';

/** What a connection may cost before it is a member. */
const LIMITS = {
  /** Bytes. */
  maxHeaderSize: 8 * 1024,
  /** Milliseconds that a client has to send its request's headers; checked every second. */
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  /** Milliseconds between two requests. */
  keepAliveTimeout: 5_000,
  /** Milliseconds that newer versions of Node add to that. */
  keepAliveTimeoutBuffer: 0,
  /** The door checks it: Node would answer by itself, and go on with what is pipelined behind. */
  requireHostHeader: false,
};

/**
 * Connections that the system keeps until they are accepted, within its own limit (Linux: 4,096). Beyond it clients
 * try again only a second later: Node's 511 are soon used up by a storm, or by a stranger who dials all the time.
 */
const BACKLOG = 4_096;

/** Milliseconds between two reports of connections that could not be accepted. */
const ACCEPT_ERROR_INTERVAL = 10_000;

/** What listens on the port of a host. */
export class Listener {
  readonly server: Server;
  /** Of the URLs that clients are given. */
  readonly scheme: 'ws' | 'wss';
  readonly #certificate: TlsCertificate | undefined;
  readonly #onAcceptError: (error: Error) => void;
  #isReady = false;
  #acceptErrorAt = Number.NEGATIVE_INFINITY;

  /** @param onAcceptError hears now and then of connections that could not be accepted */
  constructor(
    { tlsCert: cert, tlsKey: key }: Settings,
    events: Events,
    onAcceptError: (error: Error) => void,
  ) {
    this.#onAcceptError = onAcceptError;
    if (cert === undefined || key === undefined) {
      this.server = createServer(LIMITS);
      this.scheme = 'ws';
    } else {
      const server = createTlsServer({ ...LIMITS, ...TLS_LIMITS });
      this.#certificate = new TlsCertificate(server, { cert, key }, events);
      this.server = server;
      this.scheme = 'wss';
    }
  }

  get encrypts(): boolean {
    return this.#certificate !== undefined;
  }

  /** Whether somebody hears what comes to it. */
  get isWatched(): boolean {
    return this.server.listenerCount('upgrade') > 0;
  }

  /** Where it listens. @throws when it does not */
  get address(): AddressInfo {
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the host is not listening');
    return bound;
  }

  /** To be awaited before it listens. @throws SettingsError when the certificate cannot be used */
  async prepare(): Promise<void> {
    if (!this.#isReady) await this.#certificate?.start();
    this.#isReady = true;
  }

  /** @throws the system's error where the port cannot be had */
  async listen({ port, host }: Pick<Settings, 'port' | 'host'>): Promise<void> {
    this.server.listen({ port, host, backlog: BACKLOG });
    await once(this.server, 'listening');
    this.server.on('error', this.#serverOnError);
  }

  /** Done when all connections are closed. */
  async close(): Promise<void> {
    const closed = this.server.listening ? once(this.server, 'close') : undefined;
    this.server.close();
    this.server.closeAllConnections();
    this.#certificate?.stop();
    await closed;
  }

  readonly #serverOnError = (error: Error): void => {
    const now = performance.now();
    if (now - this.#acceptErrorAt < ACCEPT_ERROR_INTERVAL) return;
    this.#acceptErrorAt = now;
    this.#onAcceptError(error);
  };
}
