/** Connects to whoever has one slot: one of several plain Redis, or the slot's primary in a Redis Cluster. */
import type { RedisAddress } from '../redis-addresses';
import type { Connect } from './connection';
import { saysCluster, toError } from './problems';
import type { Servers } from './redis-servers';
import { covers, rangeOf } from './slots';

/** @param addresses at least one */
export function connectToSlot(slot: number, addresses: readonly RedisAddress[], servers: Servers): Connect {
  const plain = addresses.find((_, index) => covers([rangeOf(index, addresses.length)], slot));
  let inCluster = false;
  const onFailure = (why: Error) => {
    inCluster ||= saysCluster(why);
  };

  const primary = async (stop: AbortSignal) => {
    const { primaries } = await servers.askForMap(addresses, stop);
    return primaries.find(({ ranges }) => covers(ranges, slot))?.address;
  };

  return async (onMessage, stop) => {
    try {
      const address = inCluster ? await primary(stop) : plain;
      if (address === undefined) throw new Error(`slot ${slot} has no primary`);
      let onMoved = () => {};
      const cluster = inCluster ? { onMoved: () => onMoved() } : undefined;
      const connection = await servers.connectTo(address, cluster)(onMessage, stop);
      onMoved = () => connection.destroy(new Error(`slot ${slot} has another primary`));
      void connection.lost.then(onFailure);
      return connection;
    } catch (error) {
      onFailure(toError(error));
      throw error;
    }
  };
}
