/** What listens on the port: a plain http server, or a TLS one where the settings name a certificate. */
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Events } from '../conference/events';
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

export interface Listener {
  readonly server: Server;
  readonly encrypts: boolean;
  /** Of the URLs that clients are given. */
  readonly scheme: 'ws' | 'wss';
  /** To be awaited before the server listens. @throws SettingsError when the certificate cannot be used */
  start(): Promise<void>;
  /** To be called when the server stops listening. */
  stop(): void;
}

export function createListener({ tlsCert: cert, tlsKey: key }: Settings, events: Events): Listener {
  if (cert === undefined || key === undefined) {
    const server = createServer(LIMITS);
    return { server, encrypts: false, scheme: 'ws', start: async () => {}, stop() {} };
  }
  const server = createTlsServer({ ...LIMITS, ...TLS_LIMITS });
  const certificate = new TlsCertificate(server, { cert, key }, events);
  return {
    server,
    encrypts: true,
    scheme: 'wss',
    start: () => certificate.start(),
    stop: () => certificate.stop(),
  };
}
