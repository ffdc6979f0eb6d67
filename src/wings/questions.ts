/** Questions to the other nodes. Loaded only where there are some, and somebody may ask. */
import type { Clock } from '../clock';
import type { BackplaneStatus } from '../conference/backplane-status';
import type { Questions } from '../conference/questions';
import type { Logger } from '../logging/limiter';
import type { Settings } from '../settings/table';

/** Asks the other nodes; undefined where there are none, or nobody may ask. */
export function askOtherNodes(
  { redisUrl, redisPrefix, adminToken, metricsToken }: Settings,
  { nodes }: BackplaneStatus,
  clock: Clock,
  logger: Logger,
): Questions | undefined {
  const self = nodes.find(({ self }) => self)?.id;
  if (redisUrl === undefined || self === undefined || (adminToken ?? metricsToken) === undefined)
    return undefined;
  const { redisQuestions } =
    require('../backplane/redis-questions') as typeof import('../backplane/redis-questions');
  return redisQuestions({ redisUrl, redisPrefix }, self, clock, logger);
}
