/**
 * Red5 Pro's round-trip authentication: the backend that the media server asks is asked here too, in the same
 * words. https://www.red5.net/docs/red5-pro/development/api/authentication/round-trip-authentication/
 */
import { refusals, withReason } from '../refusals';
import type { Applicant, CredentialCheck, Verdict } from './authorise';
import { type Authority, problemOf } from './authority';
import { type QueryCredentials, queryCredentials } from './credentials';

/** Milliseconds that the backend has for its whole answer. */
const ANSWER_TIMEOUT = 5_000;
/** Clients that wait for the backend at a time; one more is told to try later. */
export const MAX_WAITING = 100;
/** Bytes; an answer is some twenty. */
const MAX_ANSWER = 16 * 1024;
/** Too many requests, and a gateway's ways of saying that the backend cannot be reached (RFC 9110, 15.6). */
const TRY_LATER = new Set([429, 502, 503, 504]);

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
  let waiting = 0;

  return async (applicant) => {
    const credentials = queryCredentials(applicant.request);
    if (Object.values(credentials).every((value) => value === '')) return missing;
    if (waiting >= MAX_WAITING) return { refusal: refusals.authBusy };
    waiting++;
    try {
      const answer = await ask(endpoint, applicant, credentials, timeout);
      return verdictOn(answer, backend);
    } catch (error) {
      const problem = problemOf(error);
      if (!applicant.gone.aborted) backend.failed(problem);
      return { refusal: refusals.authUnavailable, problem };
    } finally {
      waiting--;
    }
  };
}

const missing: Verdict = {
  refusal: withReason(refusals.unauthorised, 'username, password and token are missing'),
};
const rejected = withReason(refusals.unauthorised, 'the credentials were rejected');

/** Only a plain yes lets in. */
function verdictOn({ status, body }: Answer, backend: Authority): Verdict {
  const problem = status === 200 ? undefined : `status ${status}`;
  if (problem !== undefined && TRY_LATER.has(status)) {
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

/** @throws where the backend does not answer in time, or the client has gone */
async function ask(
  endpoint: string,
  { joining, gone }: Applicant,
  credentials: QueryCredentials,
  timeout: number,
): Promise<Answer> {
  const abort = new AbortController();
  const abortBecauseGone = () => abort.abort();
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeout} ms`)), timeout);
  gone.addEventListener('abort', abortBecauseGone);
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ ...credentials, type: 'publisher', streamID: joining.streamName }),
      redirect: 'manual',
      signal: abort.signal,
    });
    return { status: response.status, body: await readAtMost(response, MAX_ANSWER) };
  } finally {
    clearTimeout(timer);
    gone.removeEventListener('abort', abortBecauseGone);
    abort.abort();
  }
}

/** The beginning of an answer; what is longer is no answer that lets in. */
async function readAtMost(response: Response, bytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > bytes) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
