/** Certificate chains, and how to recognise a half-written file, which may be truncated after any byte. */
import { X509Certificate } from 'node:crypto';

/** The certificate first, then its issuer, and so on. */
export type Chain = readonly X509Certificate[];

/** A PEM block (RFC 7468). Other kinds of blocks, and text, may stand between certificates. */
const BLOCK = /^-----BEGIN ([^-\n]+)-----[ \t]*$[\s\S]*?^-----END \1-----/gm;
const BEGIN = '-----BEGIN ';

/** Whether the text ends within a PEM block, or within its first line. */
export function isCut(pem: string): boolean {
  const rest = pem.replaceAll('\r\n', '\n').replace(BLOCK, '');
  const lastLine = rest.slice(rest.lastIndexOf('\n') + 1);
  return rest.includes(BEGIN) || (lastLine !== '' && BEGIN.startsWith(lastLine));
}

/** @throws Error when one of the certificates cannot be read */
export function readChain(pem: string): Chain {
  return Array.from(pem.replaceAll('\r\n', '\n').matchAll(BLOCK))
    .filter(([, kind = '']) => kind.endsWith('CERTIFICATE'))
    .map(([block]) => new X509Certificate(block));
}

/** What may be wrong with a well-formed chain. */
export type Doubt = 'its issuer is missing' | 'it ends elsewhere';

/**
 * Whether a chain may have been truncated between two certificates, which only the previous chain can tell. It is
 * complete if it leads to the same authority or to a self-signed one. Otherwise the previous chain may hold the
 * missing certificate; if not, it may also come from another authority.
 */
export function doubtOf(chain: Chain, before: Chain): Doubt | undefined {
  const [last, lastBefore] = [chain.at(-1), before.at(-1)];
  if (last === undefined || lastBefore === undefined) return undefined;
  const reaches = chain.some(({ issuer }) => issuer === lastBefore.issuer);
  if (reaches || last.subject === last.issuer) return undefined;
  const isCut = before.some((certificate) => last.checkIssued(certificate));
  return isCut ? 'its issuer is missing' : 'it ends elsewhere';
}
