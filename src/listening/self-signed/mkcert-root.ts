/** The authority that mkcert (https://github.com/FiloSottile/mkcert) makes, and that this machine's browsers trust. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { join } from 'node:path';

export interface Root {
  /** The path of its certificate. */
  readonly file: string;
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Milliseconds before its end in which a certificate is used no more: a week. */
const TOO_LATE = 7 * 86_400_000;

/** Where mkcert keeps it, as `mkcert -CAROOT` says. */
const FOLDERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['Library', 'Application Support'],
  win32: ['AppData', 'Local'],
};

/** The root in this folder, or why there is none that can sign. */
export async function findRoot(folder = defaultFolder()): Promise<Root | string> {
  const file = join(folder, 'rootCA.pem');
  try {
    const certificate = new X509Certificate(await readFile(file));
    const key = createPrivateKey(await readFile(join(folder, 'rootCA-key.pem')));
    return problemOf(certificate, key) ?? { file, certificate, key };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? `mkcert has no root in ${folder}` : `mkcert's root in ${folder}: ${message}`;
  }
}

function defaultFolder(): string {
  return join(homedir(), ...(FOLDERS[platform()] ?? ['.local', 'share']), 'mkcert');
}

function problemOf(certificate: X509Certificate, key: KeyObject): string | undefined {
  if (!certificate.ca) return "mkcert's root is no authority";
  if (!certificate.checkPrivateKey(key)) return "mkcert's root and its key do not match";
  if (key.asymmetricKeyType !== 'rsa') return "mkcert's root has a key that is not RSA";
  return isValidForDays(certificate) ? undefined : "mkcert's root has expired, or is about to";
}

export function isValidForDays({ validFrom, validTo }: X509Certificate): boolean {
  const now = Date.now();
  return Date.parse(validFrom) <= now && now < Date.parse(validTo) - TOO_LATE;
}
