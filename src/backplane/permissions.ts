/** Whether this node may do in Redis what it will have to. */
import type { Connection } from './connection';
import type { NodeKeys } from './keys';

/** The field by which it is tried out. */
const TRIAL = '?';

/** Uses whatever a room will use, so that a missing permission is found at the start. @throws Redis' own error */
export async function tryPermissions(connection: Connection, { channel, facts }: NodeKeys): Promise<void> {
  await connection.subscribe([channel]);
  await connection.publish(channel, '');
  await connection.setField(facts, TRIAL, '');
  await connection.readHash(facts);
  await connection.deleteFields(facts, [TRIAL]);
  await connection.unsubscribe(channel);
}
