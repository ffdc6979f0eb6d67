/** Whether this node may do in Redis what it will have to. */
import type { Connection } from './connection';
import type { NodeKeys } from './keys';
import { DELETE_IF, STORE } from './scripts';

/** The field by which it is tried out, and for how many milliseconds it would stay. */
const TRIAL = '?';
const KEPT = '10000';

/** Uses whatever a room will use, so that a missing permission is found at the start. @throws Redis' own error */
export async function tryPermissions(connection: Connection, { channel, facts }: NodeKeys): Promise<void> {
  const store = () => connection.run(STORE, [facts], [TRIAL, '', KEPT, channel]);
  // By its text, and then by its hash.
  await store();
  await Promise.all([
    connection.subscribe([channel]),
    store(),
    connection.readHash(facts),
    connection.run(DELETE_IF, [facts], [TRIAL, '', '']),
    connection.unsubscribe(channel),
  ]);
}
