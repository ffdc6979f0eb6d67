/** The certificate of a TLS server: read from two files, and reloaded when they change. */
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Server } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { types } from 'node:util';
import { type Clock, systemClock } from '../clock';
import type { Events } from '../events';
import { SettingsError } from '../settings/resolve';
import { variableOf } from '../settings/table';
import { type Chain, type Doubt, doubtOf, isCut, readChain } from './chain';

/** Paths of PEM files. */
export interface TlsFiles {
  /** The certificate and its chain. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Forward secrecy and authenticated encryption only (RFC 9325, section 4.2): all of TLS 1.3, and of TLS 1.2 only
 * ECDHE without CBC.
 */
const CIPHERS = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':');

/** Clients choose the cipher: a phone knows what its hardware accelerates. */
const CONTEXT = { minVersion: 'TLSv1.2', ciphers: CIPHERS, honorCipherOrder: false } as const;

/** Options for creating the server; the certificate comes later. */
export const TLS_LIMITS = {
  ...CONTEXT,
  /** Milliseconds for the TLS handshake. */
  handshakeTimeout: 5_000,
} as const;

/**
 * Milliseconds between two reads of the files. They are polled because file system events miss a replaced symlink, a
 * new mount, and a change between the first read and the watch.
 */
const LOOK_INTERVAL = 1_000;

/** Milliseconds that a chain with a different end must stay unchanged before it is accepted as complete. */
const PATIENCE = 60_000;

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** What is wrong with well-formed files, for the log. */
const DOUBTS: Readonly<Record<Doubt, string>> = {
  'its issuer is missing': 'lacks a certificate of the chain in use: it is truncated or was never complete',
  'it ends elsewhere':
    'is truncated, or from another authority: it is used once it has been unchanged for a minute',
};

export class TlsCertificate {
  readonly #server: Server;
  readonly #files: TlsFiles;
  readonly #events: Events;
  readonly #clock: Pick<Clock, 'now'>;
  /** In use by the server. */
  #pair: Pair | undefined;
  #chain: Chain = [];
  #validTo = 0;
  /** The result of the last read: the files, or why they cannot be read. */
  #found: Pair | string | undefined;
  /** When that was first found. */
  #foundAt = 0;
  /** Why the current files are unusable. */
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(server: Server, files: TlsFiles, events: Events, clock: Pick<Clock, 'now'> = systemClock) {
    this.#server = server;
    this.#files = files;
    this.#events = events;
    this.#clock = clock;
  }

  /**
   * Loads the certificate, then watches the files. Open connections keep the certificate they started with.
   * @throws SettingsError when the files cannot be used
   */
  async start(): Promise<void> {
    const pair = await readPair(this.#files);
    this.#use(pair, check(pair, this.#files));
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

  /**
   * A renewal changes both files, not at the same moment, and either may be half written when read. So content counts
   * only once two reads in a row agree.
   */
  async #look(): Promise<void> {
    const found = await readPair(this.#files).catch(messageOf);
    if (!alike(found, this.#found)) {
      this.#found = found;
      this.#foundAt = this.#clock.now();
    } else if (typeof found === 'string') {
      this.#stay(found);
    } else if (this.#problem !== undefined || !alike(found, this.#pair)) {
      this.#consider(found);
    }
  }

  #consider(pair: Pair): void {
    try {
      const chain = check(pair, this.#files);
      const doubt = this.#doubt(chain);
      if (doubt === undefined) this.#use(pair, chain);
      else this.#stay(`${shown('tlsCert', this.#files.cert)} ${DOUBTS[doubt]}`);
    } catch (error) {
      this.#stay(messageOf(error));
    }
  }

  /** A possibly truncated chain is better than an expired certificate. */
  #doubt(chain: Chain): Doubt | undefined {
    if (this.#validTo < Date.now()) return undefined;
    const doubt = doubtOf(chain, this.#chain);
    const isOld = this.#clock.now() - this.#foundAt >= PATIENCE;
    return doubt === 'it ends elsewhere' && isOld ? undefined : doubt;
  }

  /** Keeps the certificate in use. */
  #stay(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#tell();
  }

  #use(pair: Pair, chain: Chain): void {
    this.#server.setSecureContext(contextOf(pair));
    this.#pair = pair;
    this.#chain = chain;
    this.#problem = undefined;
    this.#validTo = Date.parse(chain[0]?.validTo ?? '');
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

function alike(one: Pair | string | undefined, other: Pair | string | undefined): boolean {
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}

/**
 * OpenSSL's error messages are hard to read, so the common mistakes are checked first.
 * @throws SettingsError
 */
function check(pair: Pair, files: TlsFiles): Chain {
  const cert = shown('tlsCert', files.cert);
  const key = shown('tlsKey', files.key);
  const pem = pair.cert.toString('latin1');
  if (isCut(pem)) throw new SettingsError(`${cert} ends in the middle of a certificate: it is truncated`);
  const chain = orUndefined(() => readChain(pem));
  if (chain === undefined) throw new SettingsError(`${cert} holds a certificate that cannot be read`);
  const [certificate] = chain;
  if (certificate === undefined) throw new SettingsError(`${cert} holds no certificate (PEM)`);
  const privateKey = orUndefined(() => createPrivateKey(pair.key));
  if (privateKey === undefined) {
    throw new SettingsError(`${key} holds no private key (PEM), or one with a passphrase`);
  }
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new SettingsError(`${key} does not match the certificate in ${cert}`);
  }
  try {
    createSecureContext(contextOf(pair));
  } catch (error) {
    throw new SettingsError(`${cert} cannot be used: ${messageOf(error)}`);
  }
  return chain;
}

function contextOf(pair: Pair): SecureContextOptions {
  return { ...pair, ...CONTEXT };
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
