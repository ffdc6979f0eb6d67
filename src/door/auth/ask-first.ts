/** Asks the application whether somebody may join, after all that the host can decide by itself. */
import { MAX_REASON_BYTES, NOT_IN_A_REASON } from '../../conference/protocol';
import { refusals, withReason } from '../refusals';
import type { Authority } from './authority';
import { ANSWER_TIMEOUT, type Answer, Backend } from './backend';
import type { AskFirst, Leave } from './verdict';

export interface AskFirstSettings {
  readonly joinUrl: string;
  /** Tells the application that it is the host who asks. */
  readonly joinSecret: string | undefined;
}

/** @param timeout in milliseconds */
export function askFirst(
  { joinUrl: url, joinSecret }: AskFirstSettings,
  authority: Authority,
  timeout: number = ANSWER_TIMEOUT,
): AskFirst {
  const { joinBusy: busy, joinUnavailable: unavailable } = refusals;
  const backend = new Backend({ authority, busy, unavailable, timeout });
  const headers: Record<string, string> =
    joinSecret === undefined ? {} : { Authorization: `Bearer ${joinSecret}` };

  return async (applicant) => {
    const { joining, address, request, claims } = applicant;
    const { room, streamName, observe = false } = joining;
    const { origin } = request.headers;
    const body = { room, streamName, observe, address, origin, claims };
    const answer = await backend.ask(applicant, { url, headers, body });
    return 'refusal' in answer ? answer : leaveBy(answer);
  };
}

/** Only a plain yes lets in, and a limit that is none does not. */
function leaveBy({ status, body }: Answer): Leave {
  if (status !== 200) return { refusal: refusals.notAdmitted, problem: `status ${status}` };
  const { allow, reason, maxSize }: Record<string, unknown> = Object(parsed(body));
  if (allow !== true) {
    const told = typeof reason === 'string' ? fitting(reason) : '';
    return { refusal: told === '' ? refusals.notAdmitted : withReason(refusals.notAdmitted, told) };
  }
  if (maxSize === undefined) return { refusal: undefined };
  if (typeof maxSize === 'number' && Number.isSafeInteger(maxSize) && maxSize > 0) {
    return { refusal: undefined, maxSize };
  }
  return { refusal: refusals.notAdmitted, problem: 'maxSize is no whole number above 0' };
}

/** As much as a close can say, in one line. */
function fitting(reason: string): string {
  let fits = '';
  let bytes = 0;
  for (const character of reason.trim()) {
    const fit = NOT_IN_A_REASON.test(character) ? ' ' : character;
    bytes += Buffer.byteLength(fit);
    if (bytes > MAX_REASON_BYTES) break;
    fits += fit;
  }
  return fits.trim();
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
