/** Who is asked about credentials, and whether it answers. */
import { types } from 'node:util';
import type { AuthorityFacts, Events } from '../../events';

/** Tells when an authority stops answering and when it answers again, not how often it was asked meanwhile. */
export class Authority {
  readonly #name: AuthorityFacts['name'];
  readonly #events: Events;
  #answers = true;

  constructor(name: AuthorityFacts['name'], events: Events) {
    this.#name = name;
    this.#events = events;
  }

  answered(): void {
    if (!this.#answers) this.#events.emit('authority', { name: this.#name, problem: undefined });
    this.#answers = true;
  }

  failed(problem: string): void {
    if (this.#answers) this.#events.emit('authority', { name: this.#name, problem });
    this.#answers = false;
  }
}

/**
 * An error in a few words, without the data that it came from: a parser's error quotes what it read. So of its
 * cause only the system's code is told, and more where `fetch` says no more than that it failed.
 * (Errors of Node's own realm are not instances of `Error` everywhere, so this asks by their nature.)
 */
export function problemOf(error: unknown): string {
  if (!types.isNativeError(error)) return 'unknown error';
  const { cause, message } = error;
  if (!types.isNativeError(cause)) return message;
  return systemCode(cause) ?? (message === 'fetch failed' ? cause.message : message);
}

function systemCode(error: Error & { readonly code?: unknown }): string | undefined {
  return typeof error.code === 'string' ? error.code : undefined;
}
