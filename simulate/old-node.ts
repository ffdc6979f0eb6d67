/** What an older node makes of what newer ones write, which it has never heard of. */
import type { Connect } from '../src/backplane/connection';
import type { FormatRange } from '../src/backplane/message';
import type { Network } from './network';

/** Marks what the node cannot read. */
const STRANGE = 'strange ';

/**
 * The connection of a node that knows these formats only: later messages are none to it, and a journal is the list
 * of a node that nobody knows, which it deletes.
 */
export function asOldNode(connect: Connect, { newest }: FormatRange, { redis }: Network): Connect {
  const isKnown = (text: string) => Number(/^\[(\d+),/.exec(text)?.[1] ?? 0) <= newest;
  return async (onMessage, stop) => {
    const connection = await connect((channel, text) => {
      if (isKnown(text)) onMessage(channel, text);
    }, stop);
    const { readHash, run } = connection;
    connection.readHash = async (key) => {
      const fields = await readHash.call(connection, key);
      const journals = Object.keys(fields).filter((field) => field.endsWith('+'));
      if (redis.typeOf(key) === 'hash') redis.deleteFields(key, journals);
      return Object.fromEntries(
        Object.entries(fields).map(([field, text]) => [field, isKnown(text) ? text : STRANGE + text]),
      );
    };
    connection.run = (script, keys, args) =>
      run.call(
        connection,
        script,
        keys,
        args.map((text) => text.replace(STRANGE, '')),
      );
    return connection;
  };
}
