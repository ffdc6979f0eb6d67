/** The certificate of a TLS server: read from two files, and again whenever they change. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { types } from 'node:util';
import type { Events } from './conference/events';
import { SettingsError, variableOf } from './options';

/** Paths of PEM files. */
export interface TlsFiles {
  /** The certificate, and the chain behind it. */
  readonly cert: string;
  readonly key: string;
}

/** What the server is made with; the certificate comes later. */
export const TLS_LIMITS = {
  minVersion: 'TLSv1.2',
  /** Milliseconds that a client has for the TLS handshake. */
  handshakeTimeout: 5_000,
} as const;

/** Milliseconds between two looks at the files: asking for their state finds what events of the file system
 * miss, such as a link to elsewhere that is replaced, or files that are mounted. */
const LOOK_INTERVAL = 1_000;

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export class TlsCertificate {
  readonly #server: Server;
  readonly #files: TlsFiles;
  readonly #events: Events;
  /** What was read last, whether or not it could be used. */
  #read: Pair | undefined;
  #validTo = 0;

  constructor(server: Server, files: TlsFiles, events: Events) {
    this.#server = server;
    this.#files = files;
    this.#events = events;
  }

  /**
   * Gives the server its certificate, and a new one from then on whenever the files change. Connections that
   * are open keep theirs.
   * @throws SettingsError when the files cannot be used
   */
  start(): void {
    this.#use();
    for (const path of Object.values(this.#files)) {
      watchFile(path, { interval: LOOK_INTERVAL, persistent: false }, this.#fileChanged);
    }
  }

  stop(): void {
    for (const path of Object.values(this.#files)) unwatchFile(path, this.#fileChanged);
  }

  /** Both files change on a renewal, not at the same moment, and either may be half written when it is read. */
  readonly #fileChanged = (): void => {
    try {
      this.#use();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      this.#events.emit('certificate', { problem: error.message, validTo: this.#validTo });
    }
  };

  #use(): void {
    const pair = { cert: read('tlsCert', this.#files.cert), key: read('tlsKey', this.#files.key) };
    if (this.#read?.cert.equals(pair.cert) && this.#read.key.equals(pair.key)) return;
    this.#read = pair;
    const certificate = check(pair, this.#files);
    this.#server.setSecureContext(contextOf(pair));
    this.#validTo = Date.parse(certificate.validTo);
    this.#events.emit('certificate', { problem: undefined, validTo: this.#validTo });
  }
}

function read(setting: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const [meaning] = messageOf(error).split(',');
    throw new SettingsError(`${shown(setting, path)} cannot be read: ${meaning}`);
  }
}

/** What OpenSSL says of bad files is hard to read, so the common mistakes are looked for first. */
function check(pair: Pair, files: TlsFiles): X509Certificate {
  const certificate = orUndefined(() => new X509Certificate(pair.cert));
  if (certificate === undefined) {
    throw new SettingsError(`${shown('tlsCert', files.cert)} holds no certificate (PEM)`);
  }
  const key: KeyObject | undefined = orUndefined(() => createPrivateKey(pair.key));
  if (key === undefined) {
    throw new SettingsError(`${shown('tlsKey', files.key)} holds no private key without a passphrase (PEM)`);
  }
  if (!certificate.checkPrivateKey(key)) {
    throw new SettingsError(
      `${shown('tlsKey', files.key)} does not fit the certificate in ${shown('tlsCert', files.cert)}`,
    );
  }
  try {
    createSecureContext(contextOf(pair));
  } catch (error) {
    throw new SettingsError(`${shown('tlsCert', files.cert)} cannot be used: ${messageOf(error)}`);
  }
  return certificate;
}

function contextOf(pair: Pair): SecureContextOptions {
  return { ...pair, minVersion: TLS_LIMITS.minVersion };
}

function orUndefined<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function shown(setting: string, path: string): string {
  return `${variableOf(setting)}=${path}`;
}

function messageOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}
