/** Makes the policies where an operator can set some. */
import type { Clock } from '../clock';
import type { Conference } from '../conference/conference';
import type { SharedRegister } from '../conference/register';
import type { Policies } from '../door/policies/policies';
import { removeAll } from '../http/removal';
import type { Logger } from '../logging/limiter';
import type { Settings } from '../settings/table';
import type { Connection } from '../sockets/connection';

export interface PoliciesSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly conference: Conference<Connection>;
}

/** Loaded only where there is an ADMIN_TOKEN: nobody else can set one. */
export function createPolicies(
  settings: Settings,
  { clock, logger, conference }: PoliciesSurroundings,
): Policies | undefined {
  if (settings.adminToken === undefined) return undefined;
  const { Policies } = require('../door/policies/policies') as typeof import('../door/policies/policies');
  const { rooms } = conference;
  return new Policies({
    clock,
    now: Date.now,
    shared: shareWithOtherNodes(settings, clock, logger),
    roomSize: (room, newcomer) => conference.roomSize(room, newcomer),
    members: (room) => Array.from(rooms.get(room)?.members ?? [], ({ facts }) => facts),
    evict: (isMeant, refusal, name) => {
      const room = name === undefined ? undefined : rooms.get(name);
      const where = name === undefined ? [...rooms.values()] : room === undefined ? [] : [room];
      const meant = where.flatMap(({ members }) => [...members].filter(isMeant));
      void removeAll(meant, { ...refusal, removed: true });
      return meant.length;
    },
  });
}

function shareWithOtherNodes(
  { redisUrl, redisPrefix }: Settings,
  clock: Clock,
  logger: Logger,
): SharedRegister | undefined {
  if (redisUrl === undefined) return undefined;
  const { redisRegister } =
    require('../backplane/redis-register') as typeof import('../backplane/redis-register');
  return redisRegister({ redisUrl, redisPrefix, topic: 'policies' }, clock, logger);
}
