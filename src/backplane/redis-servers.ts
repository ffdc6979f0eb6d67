/** The Redis servers that a node is connected to, or may be: one, several, or those of a Redis Cluster. */
import type { Clock } from '../clock';
import type { RedisAddress } from '../redis-addresses';
import { type ClusterMap, clusterMapOf } from './cluster-map';
import type { Connect } from './connection';
import { toError } from './problems';
import { type RedisConnection, type RedisTarget, redisConnect } from './redis-connection';
import type { Timing } from './timing';

/** What tests and the simulator stand in for. */
export interface Servers {
  /** Makes connections to one of them. @param cluster where it is a primary of a Redis Cluster */
  connectTo(address: RedisAddress, cluster?: RedisTarget['cluster']): Connect;
  /** Asks one after the other who has which slot, until one knows. @throws why it is not known */
  askForMap(addresses: readonly RedisAddress[], stop: AbortSignal): Promise<ClusterMap>;
}

export class RedisServers implements Servers {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #open = new Map<string, RedisConnection>();

  /** @param name that Redis shows for the connections (`CLIENT LIST`) */
  constructor(name: string, clock: Clock, timing: Timing) {
    this.#name = name;
    this.#clock = clock;
    this.#timing = timing;
  }

  connectTo({ url, place }: RedisAddress, cluster?: RedisTarget['cluster']): Connect {
    const connect = this.#connect(url, cluster);
    if (cluster === undefined) return connect;
    return async (onMessage, stop) => {
      const connection = await connect(onMessage, stop);
      this.#open.set(place, connection);
      void connection.lost.then(() => {
        if (this.#open.get(place) === connection) this.#open.delete(place);
      });
      return connection;
    };
  }

  async askForMap(addresses: readonly RedisAddress[], stop: AbortSignal): Promise<ClusterMap> {
    const isOpen = ({ place }: RedisAddress) => this.#open.has(place);
    const openFirst = addresses.toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)));
    let problem = new Error('there is no address to ask');
    for (const address of openFirst) {
      stop.throwIfAborted();
      try {
        return clusterMapOf(await this.#ask(address, stop), address);
      } catch (error) {
        problem = toError(error);
      }
    }
    throw problem;
  }

  async #ask({ url, place }: RedisAddress, stop: AbortSignal): Promise<unknown> {
    const open = this.#open.get(place);
    if (open !== undefined) return open.slots();
    const connection = await this.#connect(url, { onMoved: () => {} })(() => {}, stop);
    try {
      return await connection.slots();
    } finally {
      connection.destroy(new Error('it has been asked'));
    }
  }

  #connect(url: string, cluster: RedisTarget['cluster']): ReturnType<typeof redisConnect> {
    const target = { url, name: this.#name, ...(cluster === undefined ? {} : { cluster }) };
    return redisConnect(target, this.#clock, this.#timing);
  }
}
