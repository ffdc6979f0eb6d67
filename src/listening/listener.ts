/** What listens on the port: a plain http server, or a TLS one where the settings name a certificate. */
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Events } from '../conference/events';
import type { Settings } from '../settings/table';
import { TLS_LIMITS, TlsCertificate } from './certificate';
import { trackHandshakes } from './tls-handshakes';

export interface Listener {
  readonly server: Server;
  /** Of the URLs that clients are given. */
  readonly scheme: 'ws' | 'wss';
  /** To be awaited before the server listens. @throws SettingsError when the certificate cannot be used */
  start(): Promise<void>;
  /** To be called when the server stops listening. */
  stop(): void;
}

export function createListener(
  { tlsCert: cert, tlsKey: key }: Settings,
  limits: ServerOptions,
  onRequest: RequestListener,
  events: Events,
): Listener {
  if (cert === undefined || key === undefined) {
    return { server: createServer(limits, onRequest), scheme: 'ws', start: async () => {}, stop() {} };
  }
  const server = createTlsServer({ ...limits, ...TLS_LIMITS }, onRequest);
  const certificate = new TlsCertificate(server, { cert, key }, events);
  const destroyUnfinishedHandshakes = trackHandshakes(server);
  return {
    server,
    scheme: 'wss',
    start: () => certificate.start(),
    stop: () => {
      certificate.stop();
      destroyUnfinishedHandshakes();
    },
  };
}
