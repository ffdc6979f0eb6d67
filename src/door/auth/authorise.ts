/** Who may join: the check of a client's credentials, as the door sees it. */
import type { AuthorisedFacts, Events } from '../../events';
import { type Close, refusals } from '../refusals';
import { Authority, problemOf } from './authority';
import { roundTripCheck } from './round-trip';
import { type TokenSettings, tokenCheck } from './token';
import type { Authorise, CredentialCheck, Verdict } from './verdict';

export interface AuthSettings extends TokenSettings {
  readonly authUrl: string | undefined;
}

/** What members must bring. */
export function wantedOfMembers({
  authUrl,
  jwtSecret,
  jwtJwksUrl,
}: AuthSettings): 'nothing' | 'token' | 'login' {
  if (authUrl !== undefined) return 'login';
  return (jwtSecret ?? jwtJwksUrl) === undefined ? 'nothing' : 'token';
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
  if (wantedOfMembers(settings) === 'nothing') return undefined;
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
