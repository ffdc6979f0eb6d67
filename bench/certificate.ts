/** A certificate of a round's server: made by openssl, self-signed, gone with the round. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './programs';

/** What is said where it is not installed. */
export const NO_OPENSSL = 'openssl is missing (apt-get install openssl)';

export interface Certificate {
  /** By which the host finds it. */
  readonly settings: Readonly<Record<string, string>>;
  remove(): void;
}

/** Where the program is, or undefined where it is not installed. */
export function findOpenssl(): string | undefined {
  return findProgram('openssl');
}

export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'conference-host-bench-'));
  const [cert, key] = [join(folder, 'host.crt'), join(folder, 'host.key')];
  const args = [
    ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...['-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', cert],
  ];
  execFileSync(findOpenssl() ?? 'openssl', args, { stdio: 'pipe' });
  return { settings: { TLS_CERT: cert, TLS_KEY: key }, remove: () => rmSync(folder, { recursive: true }) };
}
