/** Orders of an operator, in words. */
import type { Ban, Banned } from '../../shapes';
import { make } from '../dom';
import { dayTime, span } from '../format';

/** Who holds an order: what becomes of it when this node stops. */
export function heldInWords(heldBy: Banned['heldBy']): string {
  return heldBy === 'redis'
    ? 'Held by Redis: that outlives every node.'
    : 'Held by this node only, as long as it runs.';
}

export function untilInWords({ until }: { readonly until: number }): string {
  return `until ${dayTime(until)} (${span(until - Date.now())} left)`;
}

/** Whom a ban is of: what it goes by, and the name, address or subject itself. */
export function whomOf({ name, address, subject }: Ban): readonly [kind: string, whom: string] {
  if (name !== undefined) return ['name', name];
  return address === undefined ? ['subject', subject ?? ''] : ['address', address];
}

/** A name of a stranger's among other words, which it cannot turn around. */
export function named(name: string): HTMLElement {
  return make('span', { class: 'name' }, name);
}
