/** Verifies signature and claims of tokens, by what the settings say; what the claims mean is asked elsewhere. */
import type { Authority } from './authority';
import type { FindKey, Jose, Payload, VerifyOptions } from './jose';
import { RemoteKeys } from './keys';

/** Seconds by which the clock of whoever issues tokens may differ from ours. */
export const TOLERANCE = 5;

export interface VerifierSettings {
  readonly jwtSecret: string | undefined;
  readonly jwtSecretPrevious: string | undefined;
  readonly jwtJwksUrl: string | undefined;
  readonly jwtIssuer: string | undefined;
  readonly jwtAudience: string | undefined;
}

/** Verifies a token. @throws the errors of `jose`, or KeysUnavailable */
export type Verify = (token: string) => Promise<Payload>;

type Key = Exclude<Parameters<Jose['jwtVerify']>[1], FindKey>;

/** The algorithms are fixed by the settings: what a token says of itself selects among them at most. */
export function createVerifier(jose: Jose, settings: VerifierSettings, keyServer: Authority): Verify {
  const { jwtSecret, jwtSecretPrevious, jwtJwksUrl, jwtIssuer, jwtAudience } = settings;
  const claims: VerifyOptions = {
    requiredClaims: ['exp'],
    clockTolerance: TOLERANCE,
    ...(jwtIssuer === undefined ? {} : { issuer: jwtIssuer }),
    ...(jwtAudience === undefined ? {} : { audience: jwtAudience }),
  };
  if (jwtJwksUrl === undefined) {
    const secrets = [jwtSecret, jwtSecretPrevious].filter((secret) => secret !== undefined);
    const keys = secrets.map((secret) => new TextEncoder().encode(secret));
    const options = { ...claims, algorithms: ['HS256'] };
    return (token) => verifyWithAny(jose, token, keys, options);
  }
  const keys = new RemoteKeys(jose, jwtJwksUrl, keyServer);
  void keys.refresh();
  const options = { ...claims, algorithms: ['RS256', 'ES256', 'EdDSA', 'Ed25519'] };
  return (token) => verifyWithNamed(jose, token, keys, options);
}

/** A token that does not name its key is tried with each that fits, as while keys are changed. */
async function verifyWithNamed(
  jose: Jose,
  token: string,
  keys: RemoteKeys,
  options: VerifyOptions,
): Promise<Payload> {
  try {
    return (await jose.jwtVerify(token, keys.find, options)).payload;
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    return verifyWithAny(jose, token, error, options);
  }
}

async function verifyWithAny(
  jose: Jose,
  token: string,
  keys: Iterable<Key> | AsyncIterable<Key>,
  options: VerifyOptions,
): Promise<Payload> {
  for await (const key of keys) {
    try {
      return (await jose.jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof jose.errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new jose.errors.JWSSignatureVerificationFailed();
}
