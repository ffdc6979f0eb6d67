/** A removal that lasts: who was removed is banned from the room by its name. */
import { LONGEST_ORDER, type Policies } from '../conference/policies';
import type { Cluster } from './cluster/cluster';
import { bannedInWords, type TellOrder } from './order-teller';
import { otherwise, whole } from './schema';
import type { Missing, Removed } from './shapes';

export const banQuery = otherwise(
  whole(0, LONGEST_ORDER, 'Seconds for which the name is banned from the room; 0 lets it come back'),
  0,
);

/**
 * @param missing nodes that did not answer the removal
 * @returns the id of the ban, unless none is asked for or there are too many, and all nodes that have missed something
 */
export async function banToo(
  policies: Policies | undefined,
  cluster: Cluster,
  [room, value]: readonly [room: string, streamName: string],
  seconds: number,
  tell: TellOrder,
  missing: readonly Missing[],
): Promise<Pick<Removed, 'ban' | 'missing'>> {
  if (seconds === 0 || value === '') return { missing };
  const banned = policies?.ban({ by: 'name', value, room }, Date.now() + seconds * 1_000);
  if (banned === undefined) return { missing };
  const { removed, missing: late } = await cluster.banned(banned.order);
  tell({ room, order: bannedInWords(banned.ban), removed, heldBy: await banned.heldBy });
  const known = new Set(missing.map(({ node }) => node));
  return { ban: banned.ban.id, missing: [...missing, ...late.filter(({ node }) => !known.has(node))] };
}
