/**
 * Red5 Pro's round-trip authentication: the backend that the media server asks is asked here too, in the same
 * words. https://www.red5.net/docs/red5-pro/development/api/authentication/round-trip-authentication/
 */
import { isIP } from 'node:net';
import { refusals, withReason } from '../refusals';
import type { Authority } from './authority';
import { ANSWER_TIMEOUT, type Answer, Backend } from './backend';
import { findCredentials } from './credentials';
import type { CredentialCheck, Verdict } from './verdict';

/** @param timeout in milliseconds */
export function roundTripCheck(
  authUrl: string,
  authority: Authority,
  timeout: number = ANSWER_TIMEOUT,
): CredentialCheck {
  const url = `${authUrl.replace(/\/+$/, '')}/validateCredentials`;
  const { authBusy: busy, authUnavailable: unavailable } = refusals;
  const backend = new Backend({ authority, busy, unavailable, timeout });

  return async (applicant) => {
    const { request, joining, address } = applicant;
    const credentials = findCredentials(request);
    if (Object.values(credentials).every((value) => value === '')) return missing;
    const headers: Record<string, string> = isIP(address) === 0 ? {} : { 'X-Forwarded-For': address };
    const type = joining.observe ? 'subscriber' : 'publisher';
    const body = { ...credentials, type, streamID: joining.streamName };
    const answer = await backend.ask(applicant, { url, headers, body });
    return 'refusal' in answer ? answer : verdictOn(answer);
  };
}

const missing: Verdict = {
  refusal: withReason(refusals.unauthorised, 'username, password and token are missing'),
};
const rejected = withReason(refusals.unauthorised, 'the credentials were rejected');

/** Only a plain yes lets in. */
function verdictOn({ status, body }: Answer): Verdict {
  if (status !== 200) return { refusal: rejected, problem: `status ${status}` };
  return saysYes(body) ? { refusal: undefined } : { refusal: rejected };
}

function saysYes(body: string): boolean {
  try {
    return JSON.parse(body)?.result === true;
  } catch {
    return false;
  }
}
