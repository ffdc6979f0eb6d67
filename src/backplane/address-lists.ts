/** Whether all nodes spread their rooms over the same Redis in the same way: else rooms would be split. Pure. */
import { createHash } from 'node:crypto';
import { FOREIGN_FACTS, type NodeFacts } from './node-facts';
import type { Problem } from './problems';

/** What nodes of a Redis Cluster say: the cluster itself tells them which slot is where. */
export const CLUSTER_LIST = 'cluster';

/**
 * What a node says of the addresses that it has: the same for the same ones in the same order. It shows none of them.
 * @returns the empty text for a single one: it is where the nodes meet
 */
export function listName(places: readonly string[]): string {
  if (places.length === 1) return '';
  const digest = createHash('sha256').update(places.join()).digest('base64url');
  return `${places.length}:${digest.slice(0, 12)}`;
}

/** @param others the living nodes; of those whose facts are not known yet nothing follows */
export function listProblem(
  own: string,
  others: Iterable<{ readonly id: string; readonly facts: NodeFacts | undefined }>,
): Problem | undefined {
  for (const { id, facts } of others) {
    if (facts === undefined || facts === FOREIGN_FACTS || facts.addresses === own) continue;
    return {
      why: `node ${id} on ${facts.machine} has ${inWords(facts.addresses)} in REDIS_URL, and this one ${inWords(own)}: some rooms are split between them`,
      remedy: 'give all nodes the same addresses, written alike and in the same order',
    };
  }
  return undefined;
}

function inWords(list: string): string {
  if (list === '') return 'one address';
  if (list === CLUSTER_LIST) return 'a Redis Cluster';
  const [count, digest] = list.split(':');
  return `${count} addresses (list ${digest})`;
}
