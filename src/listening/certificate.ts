/** The certificate of a TLS server: read from two files, and again whenever they change. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { types } from 'node:util';
import type { Events } from '../conference/events';
import { SettingsError } from '../settings/resolve';
import { variableOf } from '../settings/table';

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

/**
 * Milliseconds between two looks at the files. They are read, since the events of file systems miss much: a
 * link to elsewhere that is replaced, a folder that is mounted, a change between the first read and the watch.
 */
const LOOK_INTERVAL = 1_000;

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export class TlsCertificate {
  readonly #server: Server;
  readonly #files: TlsFiles;
  readonly #events: Events;
  /** What the server uses. */
  #pair: Pair | undefined;
  #validTo = 0;
  /** Why the files as they are cannot be used. */
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

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
  async start(): Promise<void> {
    this.#use(await readPair(this.#files));
    this.#lookLater();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look().then(() => this.#lookLater()), LOOK_INTERVAL).unref();
  }

  /** Both files change on a renewal, not at the same moment, and either may be half written when it is read. */
  async #look(): Promise<void> {
    try {
      const pair = await readPair(this.#files);
      if (this.#problem === undefined && this.#pair !== undefined && same(pair, this.#pair)) return;
      this.#use(pair);
    } catch (error) {
      const problem = messageOf(error);
      if (problem === this.#problem) return;
      this.#problem = problem;
      this.#tell();
    }
  }

  #use(pair: Pair): void {
    const certificate = check(pair, this.#files);
    this.#server.setSecureContext(contextOf(pair));
    this.#pair = pair;
    this.#problem = undefined;
    this.#validTo = Date.parse(certificate.validTo);
    this.#tell();
  }

  #tell(): void {
    this.#events.emit('certificate', { problem: this.#problem, validTo: this.#validTo });
  }
}

async function readPair(files: TlsFiles): Promise<Pair> {
  return { cert: await read('tlsCert', files.cert), key: await read('tlsKey', files.key) };
}

async function read(setting: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const [meaning] = messageOf(error).split(',');
    throw new SettingsError(`${shown(setting, path)} cannot be read: ${meaning}`);
  }
}

function same(one: Pair, other: Pair): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}

/** What OpenSSL says of bad files is hard to read, so the common mistakes are looked for first. */
function check(pair: Pair, files: TlsFiles): X509Certificate {
  const cert = shown('tlsCert', files.cert);
  const key = shown('tlsKey', files.key);
  const certificate = orUndefined(() => new X509Certificate(pair.cert));
  if (certificate === undefined) throw new SettingsError(`${cert} holds no certificate (PEM)`);
  const privateKey = orUndefined(() => createPrivateKey(pair.key));
  if (privateKey === undefined) {
    throw new SettingsError(`${key} holds no private key (PEM), or one with a passphrase`);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new SettingsError(`${key} does not fit the certificate in ${cert}`);
  }
  try {
    createSecureContext(contextOf(pair));
  } catch (error) {
    throw new SettingsError(`${cert} cannot be used: ${messageOf(error)}`);
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
