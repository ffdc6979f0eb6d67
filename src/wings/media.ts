/** What knows the media server, and what takes its webhooks. Loaded only where settings name one. */
import type { News } from '../conference/backplane';
import type { WebhookParts } from '../http/parts';
import type { MediaSurroundings } from '../red5/create';
import type { LiveMedia } from '../red5/live-media';
import type { Settings } from '../settings/table';

/** What knows the media server; undefined where none can be asked. */
export function knowMedia(settings: Settings, surroundings: MediaSurroundings): LiveMedia | undefined {
  if (settings.red5Url === undefined && settings.streamManagerUrl === undefined) return undefined;
  const { createMedia } = require('../red5/create') as typeof import('../red5/create');
  return createMedia(settings, {
    ...surroundings,
    news: surroundings.news ?? tellOtherNodes(settings, surroundings),
  });
}

function tellOtherNodes(
  { redisUrl, redisPrefix }: Settings,
  { clock, logger }: MediaSurroundings,
): News | undefined {
  if (redisUrl === undefined) return undefined;
  const { redisNews } = require('../backplane/redis-news') as typeof import('../backplane/redis-news');
  return redisNews({ redisUrl, redisPrefix }, clock, logger);
}

/** Takes the media server's webhooks; undefined where it has no secret for that. */
export function takeWebhooks({ red5WebhookSecret }: Settings, media: LiveMedia): WebhookParts | undefined {
  if (red5WebhookSecret === undefined) return undefined;
  const { Webhook } = require('../red5/webhook') as typeof import('../red5/webhook');
  const webhook = new Webhook(red5WebhookSecret);
  return { isFor: (request) => webhook.isFor(request), take: (body) => media.hint(body) };
}
