/** Makes the backplane that the settings ask for. */
import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock';
import { type Backplane, singleNode } from '../conference/backplane';
import type { BackplaneEvents } from '../conference/backplane-status';
import type { Logger } from '../logging/events';
import type { Connect } from './connection';
import { Keys } from './keys';
import { newNodeId, RedisBackplane } from './redis-backplane';
import { redisConnect } from './redis-connection';
import { defaultTiming, type Timing } from './timing';

export interface BackplaneSettings {
  /** Undefined where there are no other nodes. */
  readonly redisUrl: string | undefined;
  readonly redisPrefix: string;
  /** Seconds for which the streams of a node that stops stay listed, unless they are back elsewhere before. */
  readonly handoverGrace: number;
}

export interface BackplaneSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventEmitter<BackplaneEvents>;
}

/** For tests: other durations, and a hand on the connection. */
export interface BackplaneOverrides {
  readonly timing?: Partial<Timing>;
  readonly wrap?: (connect: Connect) => Connect;
}

/** The client library is loaded when it connects, and only then. */
export function createBackplane(
  { redisUrl, redisPrefix, handoverGrace }: BackplaneSettings,
  surroundings: BackplaneSurroundings,
  { timing: otherTiming, wrap = (connect) => connect }: BackplaneOverrides = {},
): Backplane {
  if (redisUrl === undefined) return singleNode;
  const self = newNodeId();
  const timing = { ...defaultTiming, grace: handoverGrace * 1_000, ...otherTiming };
  const database = Number(new URL(redisUrl).pathname.slice(1));
  const address = { url: redisUrl, name: `conference-host-${self}` };
  return new RedisBackplane({
    ...surroundings,
    self,
    timing,
    random: Math.random,
    connect: wrap(redisConnect(address, surroundings.clock, timing)),
    keys: new Keys(redisPrefix, database),
  });
}
