/** Makes what tells an application, as the settings ask for it. Loaded only where they do. */
import type { Clock } from '../clock';
import type { Ledger } from '../conference/ledger';
import type { Events } from '../events';
import type { Logger } from '../logging/limiter';
import { Receiver } from './receiver';
import { Signer } from './signature';
import { Webhooks, type WebhooksParts } from './webhooks';

export interface WebhookSettings {
  readonly webhookUrl: string;
  readonly webhookSigningSecret: string;
  readonly webhookSigningSecretPrevious: string | undefined;
  readonly webhookAllowPrivate: boolean;
  /** Seconds. */
  readonly handoverGrace: number;
}

export interface WebhookSurroundings extends Pick<WebhooksParts, 'listed' | 'isHere' | 'isElsewhere'> {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: Events;
  readonly ledger: Ledger | undefined;
}

export function createWebhooks(settings: WebhookSettings, surroundings: WebhookSurroundings): Webhooks {
  const { webhookSigningSecret, webhookSigningSecretPrevious: previous, handoverGrace } = settings;
  const { clock, events } = surroundings;
  const receiver = new Receiver(settings, clock);
  const webhooks = new Webhooks({
    ...surroundings,
    post: (body, headers) => receiver.post(body, headers),
    signer: new Signer([webhookSigningSecret, ...(previous === undefined ? [] : [previous])]),
    random: Math.random,
    grace: handoverGrace * 1_000,
    closed: () => receiver.close(),
  });
  events.on('refused', ({ room, streamName, name, code, reason, address }) =>
    webhooks.notice('member.refused', { room, streamName, refusal: name, code, reason, address }),
  );
  events.on('left', ({ room, streamName, address, since }, { removed }) => {
    if (removed) webhooks.notice('member.removed', { room, streamName, address, since });
  });
  return webhooks;
}
