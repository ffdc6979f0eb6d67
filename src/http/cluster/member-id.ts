/** Ids of members: `k3f9x2ab-17` is the 17th member of the node `k3f9x2ab`. Pure. */
import { createHash } from 'node:crypto';

/** What an id of a member looks like. */
export const MEMBER_ID = '^[0-9a-z]{8}-[1-9][0-9]{0,14}$';

/**
 * The short name of a node, as people type it. Of what the backplane calls it, 40 bits: among a hundred nodes, two
 * have the same in one of two hundred million clusters.
 */
export function nodeName(backplaneId: string): string {
  const digest = createHash('sha256').update(backplaneId).digest();
  return digest.readUIntBE(0, 5).toString(32).padStart(8, '0');
}

export function memberId(node: string, number: number): string {
  return `${node}-${number}`;
}

/** @returns undefined where it is no id of a member */
export function readMemberId(id: string): { readonly node: string; readonly number: number } | undefined {
  if (!new RegExp(MEMBER_ID).test(id)) return undefined;
  const [node = '', number] = id.split('-');
  return { node, number: Number(number) };
}
