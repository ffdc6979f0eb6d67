/**
 * Asks a backend about those who would join: a bounded number at a time, shared out by address; for a bounded time; and
 * not for anybody who has gone away meanwhile.
 */
import type { Close } from '../refusals';
import { readAtMost } from './answer';
import { type Authority, problemOf } from './authority';
import { Places } from './places';
import type { Applicant, Refused } from './verdict';

/** Milliseconds that the backend has for its whole answer. */
export const ANSWER_TIMEOUT = 5_000;
/** Clients that wait for the backend at a time; of more, some are told to try later. */
export const MAX_WAITING = 100;
/** Bytes; an answer is some twenty, and a longer one is no answer that lets in. */
const MAX_ANSWER = 16 * 1024;
/** Too many requests (RFC 6585, section 4). */
const TOO_MANY = 429;

export interface BackendParts {
  /** Who hears whether it answers. */
  readonly authority: Authority;
  /** There is no place to wait for it. */
  readonly busy: Close;
  /** It does not answer. */
  readonly unavailable: Close;
  /** In milliseconds. */
  readonly timeout: number;
}

/** Posted as JSON. */
export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

export interface Answer {
  readonly status: number;
  /** Empty where it is too long. */
  readonly body: string;
}

export class Backend {
  readonly #parts: BackendParts;
  readonly #places = new Places(MAX_WAITING);

  constructor(parts: BackendParts) {
    this.#parts = parts;
  }

  /** Never rejects. @returns the refusal where there is no answer */
  async ask(applicant: Pick<Applicant, 'address' | 'gone'>, question: Question): Promise<Answer | Refused> {
    const { authority, busy, unavailable, timeout } = this.#parts;
    const place = this.#places.take(applicant.address);
    if (place === undefined) return { refusal: busy, problem: 'the queue is full' };
    const over = AbortSignal.any([applicant.gone, place.lost]);
    try {
      const answer = await post(question, timeout, over);
      const { status } = answer;
      // With 5xx the backend says that it is at fault itself (RFC 9110, section 15.6).
      if (status !== TOO_MANY && status < 500) {
        authority.answered();
        return answer;
      }
      authority.failed(`status ${status}`);
      return { refusal: unavailable, problem: `status ${status}` };
    } catch (error) {
      if (place.lost.aborted) return { refusal: busy, problem: 'another address got its place' };
      const problem = problemOf(error);
      if (!applicant.gone.aborted) authority.failed(problem);
      return { refusal: unavailable, problem };
    } finally {
      place.leave();
    }
  }
}

/**
 * @param over aborted when nobody waits for the answer any more
 * @throws where the backend does not answer in time, or nobody waits
 */
async function post({ url, headers, body }: Question, timeout: number, over: AbortSignal): Promise<Answer> {
  const abort = new AbortController();
  const abortBecauseOver = () => abort.abort();
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeout} ms`)), timeout);
  over.addEventListener('abort', abortBecauseOver);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
      body: JSON.stringify(body),
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
