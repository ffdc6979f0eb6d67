/** JSON Web Tokens (RFC 7519): signed by a secret that is shared, or by a key that a key server publishes. */
import type { JoinRequest } from '../../conference/protocol';
import { type Close, refusals, withReason } from '../refusals';
import type { CredentialCheck, Verdict } from './authorise';
import { type Authority, problemOf } from './authority';
import { findToken } from './credentials';
import type { Jose, Payload, VerifyOptions } from './jose';
import { KeysUnavailable, RemoteKeys } from './keys';

export interface TokenSettings {
  readonly jwtSecret: string | undefined;
  readonly jwtJwksUrl: string | undefined;
  readonly jwtIssuer: string | undefined;
  readonly jwtAudience: string | undefined;
}

/** Verifies a token. @throws the errors of `jose`, or KeysUnavailable */
type Verify = (token: string) => Promise<Payload>;

const unauthorised = (reason: string): Verdict => ({ refusal: withReason(refusals.unauthorised, reason) });
const forbidden = (reason: string) => withReason(refusals.forbidden, reason);

/** @param keyServer is asked where the settings name one, for the first time now */
export async function tokenCheck(settings: TokenSettings, keyServer: Authority): Promise<CredentialCheck> {
  const jose = await import('jose');
  const verify = verifier(jose, settings, keyServer);

  return async ({ request, joining }) => {
    const token = findToken(request);
    if (token === undefined) return unauthorised('the token is missing');
    try {
      return { refusal: claimsMismatch(await verify(token), joining) };
    } catch (error) {
      return verdictOn(jose, error);
    }
  };
}

/** The algorithms are fixed by the settings: what a token says of itself selects among them at most. */
function verifier(jose: Jose, settings: TokenSettings, keyServer: Authority): Verify {
  const { jwtSecret, jwtJwksUrl, jwtIssuer, jwtAudience } = settings;
  const claims: VerifyOptions = {
    requiredClaims: ['exp'],
    ...(jwtIssuer === undefined ? {} : { issuer: jwtIssuer }),
    ...(jwtAudience === undefined ? {} : { audience: jwtAudience }),
  };
  if (jwtJwksUrl === undefined) {
    const secret = new TextEncoder().encode(jwtSecret);
    const options = { ...claims, algorithms: ['HS256'] };
    return async (token) => (await jose.jwtVerify(token, secret, options)).payload;
  }
  const keys = new RemoteKeys(jose, jwtJwksUrl, keyServer);
  void keys.refresh();
  const options = { ...claims, algorithms: ['RS256', 'ES256', 'EdDSA'] };
  return (token) => verifyWithKeys(jose, token, keys, options);
}

/** A token that does not name its key is tried with each that fits, as while keys are changed. */
async function verifyWithKeys(
  jose: Jose,
  token: string,
  keys: RemoteKeys,
  options: VerifyOptions,
): Promise<Payload> {
  try {
    return (await jose.jwtVerify(token, keys.find, options)).payload;
  } catch (error) {
    if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jose.jwtVerify(token, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof jose.errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new jose.errors.JWSSignatureVerificationFailed();
  }
}

/** What a failed verification means to the client, which never learns why a signature failed. */
function verdictOn(jose: Jose, error: unknown): Verdict {
  const { JWSInvalid, JWTClaimValidationFailed, JWTExpired, JWTInvalid } = jose.errors;
  const problem = tokenProblem(jose, error);
  if (error instanceof KeysUnavailable) return { refusal: refusals.authUnavailable, problem };
  if (error instanceof JWTExpired) return unauthorised('the token has expired');
  if (error instanceof JWSInvalid || error instanceof JWTInvalid) {
    return { ...unauthorised('the token is malformed'), problem };
  }
  if (error instanceof JWTClaimValidationFailed && error.claim === 'nbf') {
    return { ...unauthorised('the token is not valid yet'), problem };
  }
  return { ...unauthorised('the token was rejected'), problem };
}

/** For the operator. The messages of `jose` are not told: some quote the token's header. */
function tokenProblem({ errors }: Jose, error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) return `the claim ${error.claim}: ${error.reason}`;
  return error instanceof errors.JOSEError ? error.code : problemOf(error);
}

/** Claims that the token makes must fit what is asked for; those that it does not make leave it open. */
function claimsMismatch({ room, streamName }: Payload, joining: JoinRequest): Close | undefined {
  const rooms: unknown[] = Array.isArray(room) ? room : [room];
  if (room !== undefined && !rooms.includes(joining.room)) return forbidden('the token is for another room');
  if (streamName !== undefined && streamName !== joining.streamName) {
    return forbidden('the token is for another streamName');
  }
  return undefined;
}
