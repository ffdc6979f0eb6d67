/** A client for the host's API. */
import type { Figures, Problem, Removed, RoomDetails, RoomPage } from '../../shapes';

const KEPT_AS = 'conference-host admin token';

/** An error response of the API. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** This tab's token, or one from the address's fragment, which is then removed from the address. */
export function knownToken(): string | null {
  const [, given] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (given !== undefined) {
    const token = decoded(given);
    if (token !== undefined) sessionStorage.setItem(KEPT_AS, token);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(KEPT_AS);
}

/** Undefined if an escape is malformed. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Whether it can be sent in a header; anything else is not a token. */
export function isToken(text: string): boolean {
  return /^[!-~]+$/.test(text);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEPT_AS, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEPT_AS);
}

export class Api {
  readonly #headers: HeadersInit;

  constructor(token: string) {
    this.#headers = { Authorization: `Bearer ${token}` };
  }

  rooms(query: Readonly<Record<string, string | number>>): Promise<RoomPage> {
    return this.#json('GET', `api/rooms?${queryOf(query)}`);
  }

  room(room: string): Promise<RoomDetails> {
    return this.#json('GET', `api/room?${queryOf({ room })}`);
  }

  removeRoom(room: string): Promise<Removed> {
    return this.#json('DELETE', `api/room?${queryOf({ room })}`);
  }

  removeMember(id: number): Promise<Removed> {
    return this.#json('DELETE', `api/members/${id}`);
  }

  /** The host's figures, for as long as the connection lasts. */
  async *figures(signal: AbortSignal): AsyncGenerator<Figures> {
    const { body } = await this.#fetch('GET', 'api/events', signal);
    if (body === null) return;
    let text = '';
    for await (const chunk of chunksOf(body)) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) yield JSON.parse(event.replace(/^event: figures\ndata: /, ''));
    }
  }

  async #json<T>(method: string, path: string): Promise<T> {
    const response = await this.#fetch(method, path);
    return response.json();
  }

  async #fetch(method: string, path: string, signal: AbortSignal | null = null): Promise<Response> {
    const response = await fetch(path, { method, headers: this.#headers, signal, cache: 'no-store' });
    if (response.ok) return response;
    const problem: Partial<Problem> = await response.json().catch(() => ({}));
    throw new ApiProblem(response.status, problem.message ?? `the host answered ${response.status}`);
  }
}

/** Not form encoding, because the host does not decode `+`. */
function queryOf(query: Readonly<Record<string, string | number>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}
