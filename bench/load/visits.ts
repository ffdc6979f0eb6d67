/** One joins a room, is seen, leaves and is missed. */
import type { Crowd } from './crowd';
import type { FilledRoom } from './rooms';

/**
 * The witness is a member of another node where there is one. When this is done it knows of the leave too, so that
 * the next visit finds the room as quiet as this one has.
 * @returns milliseconds from opening the connection until the witness reads the roster that lists the newcomer
 */
export async function visit(crowd: Crowd, { name, participants }: FilledRoom): Promise<number> {
  const startedAt = performance.now();
  const newcomer = crowd.join(name);
  const witness = witnessOf(newcomer, participants);
  const welcomed = newcomer.sees();
  await witness.sees(participants.length + 1);
  const wait = performance.now() - startedAt;
  await welcomed;
  const missed = witness.sees(participants.length);
  await newcomer.leave();
  await missed;
  return wait;
}

/** Who sees the newcomer only when its node has told their own; on a single node it is any member. */
export function witnessOf<P extends { readonly port: number }>({ port }: P, members: readonly P[]): P {
  const witness = members.find((member) => member.port !== port) ?? members[0];
  if (witness === undefined) throw new Error('the room is empty');
  return witness;
}
