/**
 * Signs as Standard Webhooks has it, so that its libraries verify it:
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto';

export interface Signed {
  /** The same each time that this message is sent. */
  readonly id: string;
  /** When it is sent, in seconds since the epoch. */
  readonly timestamp: number;
  readonly body: string;
}

export class Signer {
  readonly #keys: readonly Buffer[];

  /** @param secrets each `whsec_` and base64: a signature is made with each */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
  }

  /** The headers that tell the receiver what this is and that it is ours. */
  headers({ id, timestamp, body }: Signed): Record<string, string> {
    const content = `${id}.${timestamp}.${body}`;
    const signatures = this.#keys.map(
      (key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`,
    );
    return {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatures.join(' '),
    };
  }
}
