/** One of several primaries, and the backplane that shares the rooms of its slots over it. */
import type { EventEmitter } from 'node:events';
import type { BackplaneEvents } from '../conference/backplane-status';
import type { Logger } from '../logging/limiter';
import type { RedisAddress } from '../redis-addresses';
import type { Connect } from './connection';
import { type Keys, NODES, type NodeKeys } from './keys';
import { RedisBackplane, type RedisBackplaneParts } from './redis-backplane';
import type { NodeCounters } from './shard-parts';
import { covers, type SlotRange, slotOfKey, tagOn } from './slots';

/** Where a primary is, and what it has. */
export interface ShardPlace {
  /** The cluster's name for the server; empty for a plain Redis. */
  readonly id: string;
  readonly address: RedisAddress;
  readonly ranges: readonly SlotRange[];
}

export interface ShardOptions
  extends Pick<RedisBackplaneParts, 'self' | 'clock' | 'timing' | 'random' | 'sizes'> {
  readonly keys: Keys;
  readonly logger: Logger;
  readonly counters: NodeCounters;
  /** As `listName` names them. */
  readonly addresses: string;
  /** Plain servers have keys of their own; in a cluster what each has once needs a tag that lands on it. */
  readonly inCluster: boolean;
  readonly connect: (shard: Shard, ...parameters: Parameters<Connect>) => ReturnType<Connect>;
  readonly events: EventEmitter<BackplaneEvents>;
}

export class Shard {
  readonly backplane: RedisBackplane;
  readonly inCluster: boolean;
  readonly #keys: Keys;
  #place: ShardPlace;
  #nodeKeys: NodeKeys;

  constructor(place: ShardPlace, options: ShardOptions) {
    const { keys, logger, counters, addresses, inCluster, connect } = options;
    this.#place = place;
    this.#keys = keys;
    this.inCluster = inCluster;
    this.#nodeKeys = this.#findNodeKeys();
    this.backplane = new RedisBackplane({
      ...options,
      connect: (onMessage, stop) => connect(this, onMessage, stop),
      logger: addresses === '' ? logger : namingPlace(logger, () => this.place),
      shard: {
        counters,
        nodeKeys: () => this.#nodeKeys,
        addresses,
        owns: ({ hash }) => covers(this.#place.ranges, slotOfKey(hash)),
      },
    });
  }

  get id(): string {
    return this.#place.id;
  }

  get address(): RedisAddress {
    return this.#place.address;
  }

  /** Host and port. */
  get place(): string {
    return this.#place.address.place;
  }

  get ranges(): readonly SlotRange[] {
    return this.#place.ranges;
  }

  /** Its slots have another primary, or it has others. */
  moveTo(place: ShardPlace): void {
    const isElsewhere = place.address.place !== this.place;
    this.#place = place;
    this.#nodeKeys = this.#findNodeKeys();
    if (isElsewhere) this.backplane.reconnect(new Error(`${place.address.place} has its slots now`));
  }

  #findNodeKeys(): NodeKeys {
    return this.#keys.nodes(this.inCluster ? tagOn(this.#place.ranges, NODES) : NODES);
  }
}

/** Says with each line of the log whose it is. */
function namingPlace(logger: Logger, place: () => string): Logger {
  const naming = (level: keyof Logger) => (facts: object, message?: string) =>
    logger[level]({ redis: place(), ...facts }, message);
  return { debug: naming('debug'), info: naming('info'), warn: naming('warn'), error: naming('error') };
}
