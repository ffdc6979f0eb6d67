/** The server on the port: plain http, or TLS if the settings name a certificate. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Events } from '../events';
import type { Settings } from '../settings/table';
import { TLS_LIMITS, TlsCertificate, type TlsFiles } from './certificate';
import type { SelfSigned, SelfSignedFacts } from './self-signed/self-signed';

/** Limits on a connection before it is a member. */
const LIMITS = {
  /** Bytes. */
  maxHeaderSize: 8 * 1024,
  /** Milliseconds to send the headers; checked every second. */
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  /** Milliseconds between two requests. */
  keepAliveTimeout: 5_000,
  /** Newer versions of Node add this to it. */
  keepAliveTimeoutBuffer: 0,
  /** The door checks it: Node would answer by itself, then continue with pipelined requests. */
  requireHostHeader: false,
};

/**
 * Connections that the system queues for accept, within its own limit (Linux: 4,096). Beyond it, clients retry only
 * after a second. A storm of joins, or one aggressive stranger, fills Node's default of 511.
 */
const BACKLOG = 4_096;

/** Milliseconds between two reports of connections that could not be accepted. */
const ACCEPT_ERROR_INTERVAL = 10_000;

export interface ListenerReports {
  /** Receives errors on accept, at most one per `ACCEPT_ERROR_INTERVAL`. */
  readonly onAcceptError: (error: Error) => void;
  /** Receives what to tell of a certificate that was made here, or why none can be made. */
  readonly onSelfSigned: (told: SelfSignedFacts | string) => void;
}

export class Listener {
  readonly server: Server;
  /** For the URLs to give to clients. */
  readonly scheme: 'ws' | 'wss';
  readonly #certificate: TlsCertificate | undefined;
  /** Makes the certificate's files. */
  readonly #selfSigned: SelfSigned | undefined;
  readonly #onAcceptError: (error: Error) => void;
  #isReady = false;
  #acceptErrorAt = Number.NEGATIVE_INFINITY;

  constructor(settings: Settings, events: Events, { onAcceptError, onSelfSigned }: ListenerReports) {
    this.#onAcceptError = onAcceptError;
    this.#selfSigned = settings.tls && makeCertificate(settings, onSelfSigned);
    const files = this.#selfSigned?.files ?? filesOf(settings);
    if (files === undefined) {
      this.server = createServer(LIMITS);
      this.scheme = 'ws';
    } else {
      const server = createTlsServer({ ...LIMITS, ...TLS_LIMITS });
      this.#certificate = new TlsCertificate(server, files, events);
      this.server = server;
      this.scheme = 'wss';
    }
  }

  get encrypts(): boolean {
    return this.#certificate !== undefined;
  }

  /** Whether the door is attached. */
  get isWatched(): boolean {
    return this.server.listenerCount('upgrade') > 0;
  }

  /** The bound address. @throws when it is not listening */
  get address(): AddressInfo {
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('the host is not listening');
    return bound;
  }

  /** Call before `listen`. @throws SettingsError when the certificate cannot be used */
  async prepare(): Promise<void> {
    if (this.#isReady) return;
    await this.#selfSigned?.start();
    await this.#certificate?.start();
    this.#isReady = true;
  }

  /** @throws the system's error when it cannot listen */
  async listen({ port, host }: Pick<Settings, 'port' | 'host'>): Promise<void> {
    this.server.listen({ port, host, backlog: BACKLOG });
    await once(this.server, 'listening');
    this.server.on('error', this.#serverOnError);
  }

  /** Resolves when all connections are closed. */
  async close(): Promise<void> {
    const closed = this.server.listening ? once(this.server, 'close') : undefined;
    this.server.close();
    this.server.closeAllConnections();
    this.#certificate?.stop();
    this.#selfSigned?.stop();
    await closed;
  }

  readonly #serverOnError = (error: Error): void => {
    const now = performance.now();
    if (now - this.#acceptErrorAt < ACCEPT_ERROR_INTERVAL) return;
    this.#acceptErrorAt = now;
    this.#onAcceptError(error);
  };
}

function filesOf({ tlsCert: cert, tlsKey: key }: Settings): TlsFiles | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function makeCertificate(settings: Settings, onSelfSigned: ListenerReports['onSelfSigned']): SelfSigned {
  const { SelfSigned } = require('./self-signed/self-signed') as typeof import('./self-signed/self-signed');
  return new SelfSigned(settings, onSelfSigned);
}
