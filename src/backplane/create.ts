/** Makes the backplane that the settings ask for. */
import type { EventEmitter } from 'node:events';
import type { Clock } from '../clock';
import { type Backplane, singleNode } from '../conference/backplane';
import type { BackplaneEvents } from '../conference/backplane-status';
import type { Logger } from '../logging/events';
import { redisAddresses } from '../redis-addresses';
import type { Connect } from './connection';
import { Keys } from './keys';
import { newNodeId } from './node-facts';
import { SharedNotes } from './notes';
import { redisNews } from './redis-news';
import { RedisServers } from './redis-servers';
import { Shards } from './shards';
import { defaultTiming, type Timing } from './timing';

export interface BackplaneSettings {
  /** One address, or several with commas between them; undefined where there are no other nodes. */
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
  const addresses = redisAddresses(redisUrl);
  const servers = new RedisServers(`conference-host-${self}`, surroundings.clock, timing);
  const { clock, logger } = surroundings;
  const news = () => redisNews({ redisUrl, redisPrefix, topic: 'notes', wrap }, clock, logger);
  return new Shards({
    ...surroundings,
    notes: new SharedNotes({ news, clock, interval: timing.reread }),
    self,
    addresses,
    servers: {
      connectTo: (...parameters) => wrap(servers.connectTo(...parameters)),
      askForMap: (...parameters) => servers.askForMap(...parameters),
    },
    timing,
    random: Math.random,
    keys: new Keys(redisPrefix, addresses[0]?.database),
  });
}
