/** Takes out of Redis what nobody holds any more. */
import { type Connection, KeyRefusal } from './connection';
import type { RoomKeys } from './keys';
import { encodeMessage } from './message';
import { toError } from './problems';
import type { DeadList } from './room-reader';
import { DELETE_IF, TAKE_OUT } from './scripts';

/** Deletes lists of dead nodes, unless somebody has written them meanwhile. */
export function deleteDead(connection: Connection, dead: readonly DeadList[]): void {
  for (const { key, list } of dead) {
    const deleted = connection.run(DELETE_IF, [key], [list.node, list.text, list.journal]);
    deleted.catch(unlessRefused).catch((error) => connection.destroy(toError(error)));
  }
}

/** Takes this node's list out of a room that it has given up, and tells that it is empty. @throws what ends the connection */
export async function takeOut(
  connection: Connection,
  { hash, channel }: RoomKeys,
  head: { readonly node: string; readonly version: number },
  format: number,
): Promise<void> {
  const nothing = encodeMessage({ ...head, streams: new Map() }, format);
  await connection.run(TAKE_OUT, [hash], [head.node, nothing, channel]).catch(unlessRefused);
}

/** A key that Redis refuses has no list of ours any more. @throws any other error */
function unlessRefused(error: unknown): void {
  if (!(error instanceof KeyRefusal)) throw error;
}
