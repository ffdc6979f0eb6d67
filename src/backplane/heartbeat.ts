/** Says that this node lives, and asks who else does. */
import type { Connection } from './connection';
import type { NodeKeys } from './keys';
import { decodeFacts, encodeFacts, FOREIGN_FACTS, type NodeFacts } from './node-facts';
import { HEARTBEAT } from './scripts';

export interface Members {
  /** This node was in the set: nobody has emptied it, and it has not overslept its own expiry. */
  readonly wasThere: boolean;
  /** The other nodes that live. */
  readonly living: ReadonlyMap<string, NodeFacts | undefined>;
}

/** @param expiry milliseconds that the others believe it for */
export async function beat(
  connection: Connection,
  keys: NodeKeys,
  self: string,
  facts: NodeFacts,
  expiry: number,
): Promise<Members> {
  const args = [self, String(expiry), encodeFacts(facts)];
  const reply = await connection.run(HEARTBEAT, [keys.living, keys.facts], args);
  const [before, living, factsList] = Array.isArray(reply) ? reply : [];
  if (!isTexts(living) || !isTexts(factsList))
    throw new Error('Redis answers the heartbeat with something else');
  const factsOf = new Map<string, NodeFacts | undefined>();
  for (let at = 0; at + 1 < factsList.length; at += 2) {
    factsOf.set(factsList[at] ?? '', decodeFacts(factsList[at + 1] ?? '') ?? FOREIGN_FACTS);
  }
  const others = living.filter((node) => node !== self);
  return { wasThere: before === 1, living: new Map(others.map((node) => [node, factsOf.get(node)])) };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
