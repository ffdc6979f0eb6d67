/**
 * What a host logs: joins, leaves, refusals. Never a request target, since it may carry a token. What strangers can
 * trigger is rate-limited.
 */
import type { Clock } from '../clock';
import type { CutReason, Events } from '../events';
import { isLimited } from '../listening/networks';
import { WindowLimit } from '../listening/window-limit';
import { type Logger, LogLimiter } from './limiter';

export type { Logger } from './limiter';

/** Used when the embedding program passes no logger. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const CUT: Readonly<Record<CutReason, string>> = {
  pipelining: 'it sent a request before the previous one was answered',
  answer_not_taken: 'it did not read its response in time',
  too_many_from_address: 'its address has more connections than MAX_CONNECTIONS_PER_IP',
  too_fast: 'its address starts more TLS handshakes per second than twice MAX_HANDSHAKES_PER_IP',
  made_way: 'it was idle the longest when a new connection needed a place',
  tls_on_plain_port:
    'it speaks TLS, but this port does not: https pages need wss://, so set TLS_CERT and TLS_KEY, TLS=self-signed for development, or use a proxy',
  plain_on_tls_port: 'it speaks plain HTTP, but this port takes TLS only: use wss:// and https://',
  tls_failed:
    'the TLS handshake failed: it does not trust the certificate, or has no TLS version or cipher in common',
  unreadable: 'what it sent is not an HTTP request',
  headers_too_large: 'its request line and headers are too large',
  too_slow: 'its handshake or its request did not arrive in time',
};
/** Normal for browsers, which connect ahead of need, and for port scanners: nothing to act on. */
const COMMON: ReadonlySet<CutReason> = new Set(['too_slow']);

/** Lines per second about members from one address; the rest is summarised. */
const VISITS = 50;

/** Logs joins and leaves, rate-limited per public address. */
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

/** @returns a function that writes the remaining summaries */
export function logEvents(events: Events, logger: Logger, clock: Clock): () => void {
  const limiter = new LogLimiter(clock, logger);
  const visits = new VisitLog(clock, logger, limiter);
  events.on('joined', ({ id, room, streamName, address, observer }) => {
    visits.tell({ member: id, room, streamName, address, ...(observer && { observer }) }, 'joined');
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
  events.on('guessed', (guess) => limiter.tell('warn', guess.outcome, { ...guess }, 'wrong token'));
  events.on('operated', (operation) => {
    const message = 'an operator asked for a removal';
    if (operation.outcome !== 'forbidden') logger.warn(operation, message);
    else limiter.tell('warn', operation.outcome, { ...operation }, message);
  });
  events.on('authority', ({ name, problem }) => {
    if (problem === undefined) limiter.tell('info', name, { authority: name }, 'reachable again');
    else {
      const message = 'unreachable: clients that depend on it cannot join';
      limiter.tell('error', name, { authority: name, problem }, message);
    }
  });
  events.on('certificate', ({ problem, validTo }) => {
    const until = new Date(validTo).toISOString();
    if (problem !== undefined) logger.error({ problem, validTo: until }, 'keeping the previous certificate');
    else if (validTo < Date.now()) logger.warn({ validTo: until }, 'the certificate has expired');
    else logger.info({ validTo: until }, 'using the certificate');
  });
  return () => limiter.close();
}
