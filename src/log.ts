/** What a host writes to its log: joins, leaves and refusals. Never a request target: it may carry a token. */
import type { BaseLogger } from 'pino';
import type { Events } from './conference/events';

/** What the host asks of a logger; pino's fit, and so do console-like ones that take an object first. */
export type Logger = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error'>;

/** The logger of an embedding program that gives none. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function logEvents(events: Events, logger: Logger): void {
  events.on('joined', ({ id, room, streamName, address }) => {
    logger.info({ member: id, room, streamName, address }, 'joined');
  });
  events.on('left', ({ id, room, streamName, since }, { code, reason }) => {
    const seconds = Math.round((Date.now() - since) / 100) / 10;
    logger.info({ member: id, room, streamName, code, reason, seconds }, 'left');
  });
  events.on('refused', ({ name, code, reason, address, room, streamName }) => {
    logger.info({ refusal: name, code, reason, room, streamName, address }, 'refused');
  });
  events.on('authorised', ({ method, outcome, problem, duration, address }) => {
    logger.debug({ method, outcome, problem, milliseconds: Math.round(duration), address }, 'authorised');
  });
  events.on('guessed', (guess) => logger.warn(guess, 'a wrong token'));
  events.on('operated', (operation) => logger.warn(operation, 'an operator asked for a removal'));
  events.on('authority', ({ name, problem }) => {
    if (problem === undefined) logger.info({ authority: name }, 'answers again');
    else logger.error({ authority: name, problem }, 'cannot be asked: who needs its answer cannot join');
  });
  events.on('certificate', ({ problem, validTo }) => {
    const until = new Date(validTo).toISOString();
    if (problem !== undefined) logger.error({ problem, validTo: until }, 'the certificate before it stays');
    else if (validTo < Date.now()) logger.warn({ validTo: until }, 'the certificate has expired');
    else logger.info({ validTo: until }, 'using the certificate');
  });
}
