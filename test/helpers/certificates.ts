/** Certificates for tests, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

/** What `openssl req` takes for a kind of key. */
const EC_KEY = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
export const RSA_KEY = ['rsa:2048'];

/** Makes a certificate for this common name, and its key; self-signed unless it has an issuer. */
export function makeCertificate(
  commonName: string,
  folder = temporaryFolder(),
  { newKey = EC_KEY, issuer, days = 2 }: { newKey?: string[]; issuer?: CertificateFiles; days?: number } = {},
): CertificateFiles {
  const files = { cert: join(folder, `${commonName}.crt`), key: join(folder, `${commonName}.key`) };
  const signing = issuer === undefined ? [] : ['-CA', issuer.cert, '-CAkey', issuer.key];
  openssl(
    ...['req', '-x509', '-nodes', '-newkey', ...newKey, ...signing],
    ...['-subj', `/CN=${commonName}`, '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-days', `${days}`, '-keyout', files.key, '-out', files.cert],
  );
  return files;
}

/** A folder with a root as mkcert makes it, for somebody whose name is not ASCII. */
export function makeMkcertRoot(folder = temporaryFolder()): CertificateFiles {
  const files = { cert: join(folder, 'rootCA.pem'), key: join(folder, 'rootCA-key.pem') };
  openssl(
    ...['req', '-x509', '-nodes', '-utf8', '-newkey', ...RSA_KEY, '-days', '3650'],
    ...['-subj', '/O=mkcert development CA/OU=j@desk (Jürgen Ødegård)/CN=mkcert j@desk (Jürgen Ødegård)'],
    ...['-addext', 'keyUsage=critical,keyCertSign', '-keyout', files.key, '-out', files.cert],
  );
  return files;
}

/** The text of a certificate file and of the chain behind it. */
export function chainOf(...files: readonly CertificateFiles[]): string {
  return files.map(({ cert }) => readFileSync(cert, 'utf8')).join('');
}

/** @returns what it prints. @throws Error when it fails, which `verify` does */
export function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { stdio: 'pipe', encoding: 'utf8' });
}
