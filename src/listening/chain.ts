/** Certificate chains, and what a file that is half written looks like: cut after any byte. */
import { X509Certificate } from 'node:crypto';

/** The certificate itself first, then who issued it, and so on. */
export type Chain = readonly X509Certificate[];

/** A PEM block (RFC 7468); other kinds than certificates may stand between them, and so may text. */
const BLOCK = /^-----BEGIN ([^-\n]+)-----[ \t]*$[\s\S]*?^-----END \1-----/gm;
const BEGIN = '-----BEGIN ';

/** Whether the text ends within a PEM block, or within the line that begins one. */
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

/** What may be wrong with a chain that is well-formed by itself. */
export type Doubt = 'its issuer is missing' | 'it ends elsewhere';

/**
 * Whether a chain may have been cut between two certificates, which only the chain before it can tell. One that leads
 * to the same authority, or to one that answers for itself, reaches as far. Of any other, the missing certificate may
 * stand in the chain before it; or it comes from another authority, which nothing in the file tells from a cut.
 */
export function doubtOf(chain: Chain, before: Chain): Doubt | undefined {
  const [last, lastBefore] = [chain.at(-1), before.at(-1)];
  if (last === undefined || lastBefore === undefined) return undefined;
  const reaches = chain.some(({ issuer }) => issuer === lastBefore.issuer);
  if (reaches || last.subject === last.issuer) return undefined;
  const isCut = before.some((certificate) => last.checkIssued(certificate));
  return isCut ? 'its issuer is missing' : 'it ends elsewhere';
}
