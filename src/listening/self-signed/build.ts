/** Makes a certificate. Loaded only when one has to be made: Node can read certificates, but not make them. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import { asn1, md, pki, util } from 'node-forge';
import type { Root } from './mkcert-root';

/** Browsers accept no more than 398 days from public authorities, and Apple 825 from anybody. */
const DAYS = 397;
const DAY = 86_400_000;
/** Milliseconds by which a phone's clock may be behind. */
const CLOCK_SKEW = 3_600_000;

/** The longest common name (RFC 5280, appendix A.1). */
const LONGEST_NAME = 64;

export interface Pem {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A certificate of a server, and its key.
 * @param names DNS names and IP addresses
 * @param root what signs it; without one it signs itself
 */
export async function buildCertificate(names: readonly string[], root: Root | undefined): Promise<Pem> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = pki.createCertificate();
  const issuer = root && pki.certificateFromPem(root.certificate.toString());
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`;
  const now = Date.now() - CLOCK_SKEW;
  certificate.validity.notBefore = new Date(now);
  certificate.validity.notAfter = new Date(
    Math.min(now + DAYS * DAY, issuer?.validity.notAfter.getTime() ?? Number.POSITIVE_INFINITY),
  );
  certificate.setSubject(subjectOf(names));
  certificate.setIssuer(issuer === undefined ? subjectOf(names) : issuerOf(issuer));
  certificate.setExtensions(extensions(names, issuer));
  const signer = root === undefined ? privateKey : root.key.export({ type: 'pkcs8', format: 'pem' });
  certificate.sign(pki.privateKeyFromPem(String(signer)), md.sha256.create());
  return { certificate: pki.certificateToPem(certificate), key: privateKey };
}

function subjectOf([, name = 'localhost']: readonly string[]): pki.CertificateField[] {
  return [
    { name: 'organizationName', value: 'conference-host, for development only' },
    { name: 'commonName', value: name.slice(0, LONGEST_NAME) },
  ];
}

/** Its attributes as `setIssuer` takes them: it encodes UTF-8, which reading does not decode. */
function issuerOf({ subject }: pki.Certificate): pki.CertificateField[] {
  return subject.attributes.map((attribute) => {
    const isEncoded = Number(attribute.valueTagClass) === Number(asn1.Type.UTF8);
    return isEncoded ? { ...attribute, value: util.decodeUtf8(String(attribute.value)) } : attribute;
  });
}

function extensions(names: readonly string[], issuer: pki.Certificate | undefined): object[] {
  const altNames = names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name }));
  return [
    // It can sign nothing: whoever trusts it trusts no other site.
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'subjectKeyIdentifier' },
    ...authority(issuer),
  ];
}

/** A root without an identifier of its key needs none here. */
function authority(issuer: pki.Certificate | undefined): object[] {
  const found = issuer?.getExtension('subjectKeyIdentifier') as { subjectKeyIdentifier?: string } | undefined;
  if (found?.subjectKeyIdentifier === undefined) return [];
  return [{ name: 'authorityKeyIdentifier', keyIdentifier: util.hexToBytes(found.subjectKeyIdentifier) }];
}
