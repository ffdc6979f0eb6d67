/** Certificates for tests, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder that is there until the tests of the file are through. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'conference-host-test-'));
  folders.push(folder);
  return folder;
}

/** Makes a self-signed certificate for this common name, and its key. */
export function makeCertificate(commonName: string, folder = temporaryFolder()): CertificateFiles {
  const files = { cert: join(folder, `${commonName}.crt`), key: join(folder, `${commonName}.key`) };
  openssl(
    ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-days', '2', '-keyout', files.key, '-out', files.cert],
  );
  return files;
}

export function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}
