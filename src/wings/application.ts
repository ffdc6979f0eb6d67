/** Loads what tells an application of rooms, and where other nodes share them, what they remember of that together. */
import type { RedisLedgerSettings } from '../backplane/redis-ledger';
import type { Ledger } from '../conference/ledger';
import type { WebhookSurroundings } from '../hooks/create';
import type { Webhooks } from '../hooks/webhooks';
import type { Settings } from '../settings/table';

/** Loads nothing where there is no application to tell. */
export function tellApplication(
  settings: Settings,
  surroundings: Omit<WebhookSurroundings, 'ledger'>,
): Webhooks | undefined {
  const { webhookUrl, webhookSigningSecret, redisUrl, redisPrefix } = settings;
  if (webhookUrl === undefined || webhookSigningSecret === undefined) return undefined;
  const { createWebhooks } = require('../hooks/create') as typeof import('../hooks/create');
  const ledger =
    redisUrl === undefined ? undefined : rememberTogether({ redisUrl, redisPrefix }, surroundings);
  return createWebhooks({ ...settings, webhookUrl, webhookSigningSecret }, { ...surroundings, ledger });
}

function rememberTogether(
  settings: RedisLedgerSettings,
  { clock, logger }: Pick<WebhookSurroundings, 'clock' | 'logger'>,
): Ledger {
  const { redisLedger } = require('../backplane/redis-ledger') as typeof import('../backplane/redis-ledger');
  return redisLedger(settings, clock, logger);
}
