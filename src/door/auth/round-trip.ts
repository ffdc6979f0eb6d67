/**
 * Red5 Pro's round-trip authentication: the backend that the media server asks is asked here too, in the same
 * words. https://www.red5.net/docs/red5-pro/development/api/authentication/round-trip-authentication/
 */
import { isIP } from 'node:net';
import { refusals, withReason } from '../refusals';
import { readAtMost } from './answer';
import { type Authority, problemOf } from './authority';
import { type Credentials, findCredentials } from './credentials';
import { Places } from './places';
import type { Applicant, CredentialCheck, Verdict } from './verdict';

/** Milliseconds that the backend has for its whole answer. */
const ANSWER_TIMEOUT = 5_000;
/** Clients that wait for the backend at a time; of more, some are told to try later. */
export const MAX_WAITING = 100;
/** Bytes; an answer is some twenty, and a longer one is no answer that lets in. */
const MAX_ANSWER = 16 * 1024;
/** Too many requests (RFC 6585, section 4). */
const TOO_MANY = 429;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** @param timeout in milliseconds */
export function roundTripCheck(
  authUrl: string,
  backend: Authority,
  timeout: number = ANSWER_TIMEOUT,
): CredentialCheck {
  const endpoint = `${authUrl.replace(/\/+$/, '')}/validateCredentials`;
  const places = new Places(MAX_WAITING);

  return async (applicant) => {
    const credentials = findCredentials(applicant.request);
    if (Object.values(credentials).every((value) => value === '')) return missing;
    const place = places.take(applicant.address);
    if (place === undefined) return { refusal: refusals.authBusy, problem: 'the queue is full' };
    const over = AbortSignal.any([applicant.gone, place.lost]);
    try {
      const answer = await ask(endpoint, applicant, credentials, timeout, over);
      return verdictOn(answer, backend);
    } catch (error) {
      if (place.lost.aborted) return { refusal: refusals.authBusy, problem: 'another address got its place' };
      const problem = problemOf(error);
      if (!applicant.gone.aborted) backend.failed(problem);
      return { refusal: refusals.authUnavailable, problem };
    } finally {
      place.leave();
    }
  };
}

const missing: Verdict = {
  refusal: withReason(refusals.unauthorised, 'username, password and token are missing'),
};
const rejected = withReason(refusals.unauthorised, 'the credentials were rejected');

/** Only a plain yes lets in. With 5xx the backend says that it is at fault itself (RFC 9110, section 15.6). */
function verdictOn({ status, body }: Answer, backend: Authority): Verdict {
  const problem = status === 200 ? undefined : `status ${status}`;
  if (problem !== undefined && (status === TOO_MANY || status >= 500)) {
    backend.failed(problem);
    return { refusal: refusals.authUnavailable, problem };
  }
  backend.answered();
  if (problem !== undefined) return { refusal: rejected, problem };
  return saysYes(body) ? { refusal: undefined } : { refusal: rejected };
}

function saysYes(body: string): boolean {
  try {
    return JSON.parse(body)?.result === true;
  } catch {
    return false;
  }
}

/**
 * @param over aborted when nobody waits for the answer any more
 * @throws where the backend does not answer in time, or nobody waits
 */
async function ask(
  endpoint: string,
  { joining, address }: Applicant,
  credentials: Credentials,
  timeout: number,
  over: AbortSignal,
): Promise<Answer> {
  const abort = new AbortController();
  const abortBecauseOver = () => abort.abort();
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeout} ms`)), timeout);
  over.addEventListener('abort', abortBecauseOver);
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json',
        ...(isIP(address) === 0 ? {} : { 'X-Forwarded-For': address }),
      },
      body: JSON.stringify({
        ...credentials,
        type: joining.observe ? 'subscriber' : 'publisher',
        streamID: joining.streamName,
      }),
      redirect: 'manual',
      signal: abort.signal,
    });
    return { status: response.status, body: (await readAtMost(response, MAX_ANSWER)) ?? '' };
  } finally {
    clearTimeout(timer);
    over.removeEventListener('abort', abortBecauseOver);
    abort.abort();
  }
}
