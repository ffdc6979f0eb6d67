/** Makes JSON Web Tokens by hand, bad ones as well: no library would. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** 32 bytes, the least that HS256 takes. */
export const SECRET = 'tests-32-bytes-Vq7mXw2kLz9RbTc4G';

/** Seconds since the epoch, so many from now. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds;
}

type Part = Readonly<Record<string, unknown>> | string;

/** Signs header and payload; a string stands as it is, and claims expire in an hour unless they say otherwise. */
export function makeToken(header: Part, claims: Part, signature: (signed: string) => Buffer): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${signature(signed).toString('base64url')}`;
}

function encode(part: Part): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

export function hmac(secret: string | Buffer, hash = 'sha256'): (signed: string) => Buffer {
  return (signed) => createHmac(hash, secret).update(signed).digest();
}

/** A good token for HS256, but for what is changed; claims that are undefined are left out. */
export function hsToken(claims: Record<string, unknown> = {}, secret = SECRET, header: object = {}): string {
  const all = { exp: inSeconds(3_600), ...claims };
  return makeToken({ alg: 'HS256', typ: 'JWT', ...header }, all, hmac(secret));
}

/** Who issues the tokens that a key server's keys sign. */
export const ISSUER = 'https://issuer.example';

/** A key pair of a key server. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256' | 'EdDSA' | 'Ed25519';
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function makeKey(alg: SigningKey['alg'], kid: string): SigningKey {
  const pair =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  return { kid, alg, ...pair };
}

/** The public key as a key server publishes it. */
export function publicJwk({ publicKey, kid, alg }: SigningKey): Record<string, unknown> {
  return { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
}

/** A good token signed by this key, but for what is changed. */
export function keyToken(key: SigningKey, claims: Record<string, unknown> = {}, header: object = {}): string {
  const all = { exp: inSeconds(3_600), iss: ISSUER, ...claims };
  return makeToken({ alg: key.alg, kid: key.kid, ...header }, all, (signed) =>
    sign(key.alg.startsWith('Ed') ? null : 'sha256', Buffer.from(signed), {
      key: key.privateKey,
      dsaEncoding: 'ieee-p1363',
    }),
  );
}
