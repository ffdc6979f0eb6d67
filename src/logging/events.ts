/**
 * What a host writes to its log: joins, leaves and refusals. Never a request target: it may carry a token. What
 * strangers can cause as often as they like is bounded.
 */
import type { Clock } from '../clock';
import type { CutReason, Events } from '../events';
import { isLimited } from '../listening/networks';
import { WindowLimit } from '../listening/window-limit';
import { type Logger, LogLimiter } from './limiter';

export type { Logger } from './limiter';

/** The logger of an embedding program that gives none. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Why connections are cut, in words. */
const CUT: Readonly<Record<CutReason, string>> = {
  pipelining: 'it sent a request while another one was answered',
  answer_not_taken: 'it did not take its answer in time',
  too_many_from_address: 'its address has more connections than MAX_CONNECTIONS_PER_IP',
  too_fast: 'its address begins more TLS handshakes a second than twice MAX_HANDSHAKES_PER_IP',
  made_way: 'it had nothing to say for the longest, and a newcomer needed its place',
  tls_on_plain_port:
    'it speaks TLS, and this port does not: https pages dial wss://, so set TLS_CERT and TLS_KEY, or use a proxy',
  plain_on_tls_port: 'it speaks plain HTTP, and this port takes TLS only: use wss:// and https://',
  tls_failed:
    'the TLS handshake failed: it does not trust the certificate, or has no version or cipher in common',
  unreadable: 'what it sent is no HTTP request',
  headers_too_large: 'its request line and headers are too large',
  too_slow: 'its handshake or its request did not come in time',
};
/** Browsers connect ahead of need, and scanners do nothing else: nobody has to do anything about it. */
const COMMON: ReadonlySet<CutReason> = new Set(['too_slow']);

/** Lines about members of one address in a second; what comes beyond that is summed up. */
const VISITS = 50;

/** Joins and leaves: all of them, but for those of one public address that comes and goes as fast as it can. */
class VisitLog {
  readonly #logger: Logger;
  readonly #limiter: LogLimiter;
  readonly #rate: WindowLimit;

  constructor(clock: Clock, logger: Logger, limiter: LogLimiter) {
    this.#logger = logger;
    this.#limiter = limiter;
    this.#rate = new WindowLimit(VISITS, clock);
  }

  tell(facts: { readonly address: string; readonly [fact: string]: unknown }, message: string): void {
    const { address } = facts;
    if (isLimited(address) && this.#rate.isReached(address)) {
      this.#limiter.tell('info', 'fast', facts, message);
      return;
    }
    if (isLimited(address)) this.#rate.count(address);
    this.#logger.info(facts, message);
  }
}

/** @returns what writes the sums that are still to be written */
export function logEvents(events: Events, logger: Logger, clock: Clock): () => void {
  const limiter = new LogLimiter(clock, logger);
  const visits = new VisitLog(clock, logger, limiter);
  events.on('joined', ({ id, room, streamName, address }) => {
    visits.tell({ member: id, room, streamName, address }, 'joined');
  });
  events.on('left', ({ id, room, streamName, address, since }, { code, reason }) => {
    const seconds = Math.round((Date.now() - since) / 100) / 10;
    visits.tell({ member: id, room, streamName, address, code, reason, seconds }, 'left');
  });
  events.on('refused', ({ name, code, reason, address, room, streamName }) => {
    limiter.tell('info', name, { refusal: name, code, reason, room, streamName, address }, 'refused');
  });
  events.on('cut', ({ why, address }) => {
    const level = COMMON.has(why) ? 'debug' : 'info';
    limiter.tell(level, why, { cut: why, reason: CUT[why], address }, 'cut off');
  });
  events.on('authorised', ({ method, outcome, problem, duration, address }) => {
    const facts = { method, outcome, problem, milliseconds: Math.round(duration), address };
    if (outcome === 'admitted') logger.debug(facts, 'authorised');
    else limiter.tell('debug', `${method} ${outcome}`, facts, 'authorised');
  });
  events.on('guessed', (guess) => limiter.tell('warn', guess.outcome, { ...guess }, 'a wrong token'));
  events.on('operated', (operation) => {
    const message = 'an operator asked for a removal';
    if (operation.outcome !== 'forbidden') logger.warn(operation, message);
    else limiter.tell('warn', operation.outcome, { ...operation }, message);
  });
  events.on('authority', ({ name, problem }) => {
    if (problem === undefined) limiter.tell('info', name, { authority: name }, 'answers again');
    else
      limiter.tell(
        'error',
        name,
        { authority: name, problem },
        'cannot be asked: who needs its answer cannot join',
      );
  });
  events.on('certificate', ({ problem, validTo }) => {
    const until = new Date(validTo).toISOString();
    if (problem !== undefined) logger.error({ problem, validTo: until }, 'the certificate before it stays');
    else if (validTo < Date.now()) logger.warn({ validTo: until }, 'the certificate has expired');
    else logger.info({ validTo: until }, 'using the certificate');
  });
  return () => limiter.close();
}
