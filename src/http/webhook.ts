/** Takes the webhooks of the media server. Whoever has not its secret finds nothing here. */
import type { IncomingMessage } from 'node:http';
import { isLimited } from '../listening/networks';
import { WindowLimit } from '../listening/window-limit';
import type { App, HttpParts, WebhookParts } from './parts';

/** Bytes of a body; what the server posts has some hundreds. */
const MOST_BODY = 16 * 1024;
/** Wrong secrets from one address within a second. After that, the right one is not found among them either. */
const MOST_WRONG = 20;

export function addWebhook(app: App, { events, clientAddress }: HttpParts, webhook: WebhookParts): void {
  const guesses = new WindowLimit(MOST_WRONG);

  app.on('POST', ['/webhook', '/webhook/:secret', '/webhook/:secret/'], async (context) => {
    const { incoming } = context.env;
    const address = clientAddress(incoming);
    const tooMany = guesses.isReached(address);
    if ((tooMany && isLimited(address)) || !webhook.isFor(incoming)) {
      events.emit('guessed', { address, area: 'webhook', outcome: tooMany ? 'too_many' : 'wrong' });
      guesses.count(address);
      return context.notFound();
    }
    const body = await readBody(incoming);
    if (body === undefined) {
      context.header('Connection', 'close');
      return context.text('the body is too long\n', 413);
    }
    const outcome = webhook.take(body);
    if (outcome === 'malformed') return context.text('this is no webhook of Red5 Pro\n', 400);
    return context.body(null, 204);
  });
}

/** Undefined where it is too long; where its sender goes away, what has come of it. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MOST_BODY) return undefined;
      chunks.push(chunk);
    }
  } catch (error) {
    if (!incoming.readableAborted) throw error;
  }
  return Buffer.concat(chunks).toString('utf8');
}
