/** A removal that lasts: who was removed is banned from the room by its name. */
import { LONGEST_ORDER, type Policies } from '../conference/policies';
import type { Cluster } from './cluster/cluster';
import { bannedInWords, type TellOrder } from './order-teller';
import { otherwise, whole } from './schema';

export const banQuery = otherwise(
  whole(0, LONGEST_ORDER, 'Seconds for which the name is banned from the room; 0 lets it come back'),
  0,
);

/** @returns the id of the ban; nothing where none is asked for, or there are too many */
export async function banToo(
  policies: Policies | undefined,
  cluster: Cluster,
  [room, value]: readonly [room: string, streamName: string],
  seconds: number,
  tell: TellOrder,
): Promise<{ readonly ban?: string }> {
  if (seconds === 0 || value === '') return {};
  const banned = policies?.ban({ by: 'name', value, room }, Date.now() + seconds * 1_000);
  if (banned === undefined) return {};
  const { removed } = await cluster.banned(banned.order);
  tell({ room, order: bannedInWords(banned.ban), removed, heldBy: await banned.heldBy });
  return { ban: banned.ban.id };
}
