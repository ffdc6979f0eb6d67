/** JSON Web Tokens (RFC 7519): signed by a secret that is shared, or by a key that a key server publishes. */
import { type ReadMetadata, readMetadata } from '../../conference/metadata';
import { offersChanges } from '../../conference/protocol';
import { refusals, withReason } from '../refusals';
import { type Authority, problemOf } from './authority';
import { claimsRefusal } from './claims';
import { findToken } from './credentials';
import type { Jose, Payload } from './jose';
import { KeysUnavailable } from './keys';
import type { CredentialCheck, Refused, Verdict } from './verdict';
import { createVerifier, TOLERANCE, type VerifierSettings } from './verifier';

export interface TokenSettings extends VerifierSettings {
  /** Claims that a token must have: `room`, `streamName`. */
  readonly jwtRequire: readonly string[] | undefined;
  readonly jwtExpired: 'stay' | 'close';
}

/** Characters. */
const LONGEST_SUBJECT = 256;

const NO_METADATA = { ok: true, metadata: undefined } as const;

const unauthorised = (reason: string): Refused => ({ refusal: withReason(refusals.unauthorised, reason) });

/** @param keyServer is asked where the settings name one, for the first time now */
export async function tokenCheck(settings: TokenSettings, keyServer: Authority): Promise<CredentialCheck> {
  const jose = await import('jose');
  const verify = createVerifier(jose, settings, keyServer);
  const { jwtRequire = [], jwtExpired } = settings;

  return async ({ request, joining }) => {
    const token = findToken(request);
    if (token === undefined) return unauthorised('the token is missing');
    try {
      const claims = await verify(token);
      const refusal = claimsRefusal(claims, joining, jwtRequire);
      const asks = offersChanges(request.headers['sec-websocket-protocol']);
      const mayObserve = asks && refusal === refusals.watchOnly;
      if (refusal !== undefined && !mayObserve) return { refusal };
      const metadata = asks ? metadataOf(claims) : NO_METADATA;
      if (!metadata.ok) {
        return { refusal: withReason(refusals.forbidden, `the token's metadata ${metadata.problem}`) };
      }
      return {
        refusal: undefined,
        subject: subjectOf(claims),
        expiresAt: jwtExpired === 'close' ? endOf(claims) : undefined,
        metadata: metadata.metadata,
        claims,
        ...(mayObserve && { observe: true }),
      };
    } catch (error) {
      return verdictOn(jose, error);
    }
  };
}

/**
 * From when on the token lets nobody in, in milliseconds since the epoch. It is compared with whole seconds, so
 * one that expires within a second is good until the end of it.
 */
function endOf({ exp = 0 }: Payload): number {
  return (Math.ceil(exp) + TOLERANCE) * 1_000;
}

/** Whose token it is. One that is no text, or too long to be named in a ban, is nobody's. */
function subjectOf({ sub }: Payload): string | undefined {
  return typeof sub === 'string' && sub !== '' && sub.length <= LONGEST_SUBJECT ? sub : undefined;
}

/** Of those that do not speak `conference.2`, a claim of this name is of no interest. */
function metadataOf({ metadata }: Payload): ReadMetadata | typeof NO_METADATA {
  return metadata === undefined ? NO_METADATA : readMetadata(metadata);
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
