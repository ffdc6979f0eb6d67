/** Where the media server posts its webhooks: they are unsigned, so all that tells them from others is a secret path. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const PATH = /^\/webhook\/([^/?#]+)\/?(?:[?#].*)?$/;

export class Webhook {
  readonly #wanted: Buffer;

  constructor(secret: string) {
    this.#wanted = digest(secret);
  }

  /** Compares digests, all of one length: the time that it takes tells nothing. */
  isFor({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
    const [, given] = method === 'POST' ? (PATH.exec(url) ?? []) : [];
    return given !== undefined && timingSafeEqual(digest(given), this.#wanted);
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
