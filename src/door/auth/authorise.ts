/** Who may join: the check of a client's credentials, as the door sees it. */
import type { IncomingMessage } from 'node:http';
import type { AuthorisedFacts, Events } from '../../conference/events';
import type { JoinRequest } from '../../conference/protocol';
import { type Close, refusals } from '../refusals';
import { Authority, problemOf } from './authority';
import { roundTripCheck } from './round-trip';
import { type TokenSettings, tokenCheck } from './token';

/** A client whose handshake is done, and which has not joined yet. */
export interface Applicant {
  readonly request: Pick<IncomingMessage, 'headers' | 'url'>;
  readonly joining: JoinRequest;
  readonly address: string;
  /** Aborted when the client goes away, or the host closes. */
  readonly gone: AbortSignal;
}

export interface Refused {
  readonly refusal: Close;
  /** Why, for the operator; the client learns no more than the refusal says. */
  readonly problem?: string;
}

export interface Admitted {
  readonly refusal: undefined;
  /** When the member is to be closed, in milliseconds since the epoch; without it, it stays until it leaves. */
  readonly expiresAt?: number;
}

/** What a check has found. */
export type Verdict = Refused | Admitted;

export type CredentialCheck = (applicant: Applicant) => Promise<Verdict>;

/** Whether the client may join. Never rejects: a check that fails lets nobody in. */
export type Authorise = CredentialCheck;

export interface AuthSettings extends TokenSettings {
  readonly authUrl: string | undefined;
}

/** The check that the settings ask for, or undefined where everybody may join. */
export async function createAuthorise(
  settings: AuthSettings,
  events: Events,
): Promise<Authorise | undefined> {
  if (settings.authUrl !== undefined) {
    const backend = new Authority('auth backend', events);
    return observed('round_trip', roundTripCheck(settings.authUrl, backend), events);
  }
  if (settings.jwtSecret === undefined && settings.jwtJwksUrl === undefined) return undefined;
  return observed('token', await tokenCheck(settings, new Authority('key server', events)), events);
}

/** Says of each check how it ended and how long it took. */
function observed(method: AuthorisedFacts['method'], check: CredentialCheck, events: Events): Authorise {
  return async (applicant) => {
    const startedAt = performance.now();
    const verdict = await check(applicant).catch(checkFailed);
    const duration = performance.now() - startedAt;
    const outcome = applicant.gone.aborted ? 'gone' : outcomeOf(verdict.refusal);
    const problem = verdict.refusal === undefined ? undefined : verdict.problem;
    events.emit('authorised', { method, outcome, problem, duration, address: applicant.address });
    return verdict;
  };
}

function checkFailed(error: unknown): Verdict {
  return { refusal: refusals.authUnavailable, problem: problemOf(error) };
}

function outcomeOf(refusal: Close | undefined): AuthorisedFacts['outcome'] {
  if (refusal === undefined) return 'admitted';
  return refusal.comeBack === 'no' ? 'refused' : 'unavailable';
}
