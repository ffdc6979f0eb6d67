/** `TLS=self-signed`: a certificate for development, made when there is none that fits, and kept. Loaded only for it. */
import type { X509Certificate } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '../../settings/resolve';
import { type Settings, variableOf } from '../../settings/table';
import type { TlsFiles } from '../certificate';
import { filesIn, isUsable, keep, readKept } from './kept';
import { findRoot } from './mkcert-root';
import { type MachineNames, machineNames } from './names';

/** Milliseconds between two looks at the addresses of this machine: it may have changed networks. */
const LOOK_INTERVAL = 10_000;

/** What an operator needs in order to trust it. */
export interface SelfSignedFacts {
  /** The path of the certificate, without its key. */
  readonly file: string;
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string;
  readonly names: string;
  /** The path of the root that signed it, or why none did. */
  readonly root: string;
  readonly hasRoot: boolean;
}

export class SelfSigned {
  /** For `TlsCertificate`, which notices when they change. */
  readonly files: TlsFiles;
  readonly #folder: string;
  readonly #caroot: string | undefined;
  readonly #names: () => MachineNames;
  readonly #tellOf: (told: SelfSignedFacts | string) => void;
  #fingerprint = '';
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param tell hears of each other certificate, and once why one cannot be made anew: the previous one stays then */
  constructor(
    settings: Pick<Settings, 'host' | 'stateDir' | 'caroot'>,
    tell: (told: SelfSignedFacts | string) => void,
    names = () => machineNames(settings),
  ) {
    this.#folder = settings.stateDir ?? join(homedir(), '.local', 'state', 'conference-host');
    this.#caroot = settings.caroot;
    this.#names = names;
    this.#tellOf = tell;
    const { both } = filesIn(this.#folder);
    this.files = { cert: both, key: both };
  }

  /** Makes the certificate unless one is kept that fits. @throws SettingsError when it cannot be kept */
  async start(): Promise<void> {
    await this.ensure();
    this.#lookLater();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** @throws SettingsError when it cannot be kept */
  async ensure(): Promise<void> {
    const { needed, welcome } = this.#names();
    const found = await findRoot(this.#caroot);
    const root = typeof found === 'string' ? undefined : found;
    const kept = await readKept(filesIn(this.#folder));
    if (kept !== undefined && isUsable(kept, needed, root)) return this.#tell(kept, found);
    const { buildCertificate } = require('./build') as typeof import('./build');
    const made = await buildCertificate([...new Set([...needed, ...welcome])], root);
    await keep(this.#folder, made).catch(({ message }: Error) => this.#fail(message));
    const written = await readKept(filesIn(this.#folder));
    if (written === undefined || !isUsable(written, needed, root))
      return this.#fail('it does not keep what is written to it from other users');
    this.#tell(written, found);
  }

  #fail(reason: string): never {
    throw new SettingsError(`${variableOf('stateDir')}=${this.#folder} cannot be used: ${reason}`);
  }

  #tell(
    { fingerprint256, subjectAltName = '' }: X509Certificate,
    root: Awaited<ReturnType<typeof findRoot>>,
  ): void {
    this.#problem = undefined;
    if (fingerprint256 === this.#fingerprint) return;
    this.#fingerprint = fingerprint256;
    const hasRoot = typeof root !== 'string';
    this.#tellOf({
      file: filesIn(this.#folder).certificate,
      fingerprint: fingerprint256,
      names: subjectAltName,
      root: hasRoot ? root.file : root,
      hasRoot,
    });
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look().then(() => this.#lookLater()), LOOK_INTERVAL).unref();
  }

  async #look(): Promise<void> {
    await this.ensure().catch(({ message }: Error) => {
      if (message !== this.#problem) this.#tellOf(message);
      this.#problem = message;
    });
  }
}
