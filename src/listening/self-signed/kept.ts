/** The certificate as it is kept in a folder of the user. */
import { createPrivateKey, randomUUID, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { isValidForDays, type Root } from './mkcert-root';

/** Others may not read it. */
const OWN_FILE = 0o600;
const OWN_FOLDER = 0o700;

/** In one file, so that a certificate never stands beside the key of another. */
export interface KeptFiles {
  /** Key and certificate. */
  readonly both: string;
  /** The certificate alone, to give to those who shall trust it. */
  readonly certificate: string;
}

export function filesIn(folder: string): KeptFiles {
  return {
    both: join(folder, 'self-signed.pem'),
    certificate: join(folder, 'self-signed.crt'),
  };
}

/** Undefined where there is none, where it cannot be read, or where others could have read its key. */
export async function readKept({ both }: KeptFiles): Promise<X509Certificate | undefined> {
  try {
    const { mode } = await stat(both);
    if (platform() !== 'win32' && (mode & 0o077) !== 0) return undefined;
    const pem = await readFile(both);
    const certificate = new X509Certificate(pem);
    return certificate.checkPrivateKey(createPrivateKey(pem)) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it has these names, is valid for days, and is signed by the root, or by itself if there is none. */
export function isUsable(
  certificate: X509Certificate,
  names: readonly string[],
  root: Root | undefined,
): boolean {
  const isSigned = root === undefined ? isSignedByItself(certificate) : isSignedBy(certificate, root);
  return isSigned && isValidForDays(certificate) && names.every((name) => isFor(certificate, name));
}

function isSignedBy(certificate: X509Certificate, { certificate: root }: Root): boolean {
  return certificate.checkIssued(root) && certificate.verify(root.publicKey);
}

/** Not by `checkIssued`, which demands of an issuer that it may sign certificates. */
function isSignedByItself(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

function isFor(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

/** @throws the system's error when the folder cannot be written */
export async function keep(
  folder: string,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): Promise<void> {
  const files = filesIn(folder);
  await makeFolder(folder);
  await replace(files.both, key + certificate, OWN_FILE);
  await replace(files.certificate, certificate, 0o644);
}

/** Not by `mkdir` with `recursive`, which never ends where a folder can neither be made nor be there, as in /proc. */
async function makeFolder(folder: string, isLast = false): Promise<void> {
  try {
    await mkdir(folder, { mode: OWN_FOLDER });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || isLast || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder, true);
  }
}

/** At once: a reader sees the old file or the new one. */
async function replace(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, text, { mode, flush: true });
  await rename(beside, path);
}
