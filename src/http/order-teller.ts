/** Tells the log, the feed and the metrics what an operator has ordered. */
import type { Ban } from '../conference/policies';
import type { OrderFacts } from '../events';
import type { HttpParts, RequestContext } from './parts';

export type TellOrder = (facts: Omit<OrderFacts, 'address'>) => void;

/** The address is read now: the operator may disconnect meanwhile. */
export function orderTeller({ events, clientAddress }: HttpParts, { env }: RequestContext): TellOrder {
  const address = clientAddress(env.incoming);
  return (facts) => void events.emit('ordered', { address, ...facts });
}

export function bannedInWords({ by, value, until }: Pick<Ban, 'by' | 'value' | 'until'>): string {
  return `banned the ${by} ${value} ${forSeconds(until)}`;
}

/** @param until milliseconds since the epoch */
export function forSeconds(until: number): string {
  return `for ${Math.round((until - Date.now()) / 1_000)} s`;
}
