/** A client for the host's API. */
import type { MemberPage, Problem, Removed, RoomDetails, RoomPage, WebhookTest } from '../../shapes';
import { addressOf } from './address';
import { eventsOf, type ServerEvent } from './server-events';

/** Milliseconds until a request is given up: the host answers within 300, whatever its other nodes do. */
const PATIENCE = 5_000;
/** The same for what has others to ask: a media server that is slow, or an application. */
const PATIENCE_TO_ACT = 60_000;

type Query = Readonly<Record<string, string | number | undefined>>;

/** An error response of the API. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Api {
  readonly #headers: HeadersInit;

  constructor(token: string) {
    this.#headers = { Authorization: `Bearer ${token}` };
  }

  rooms(query: Query): Promise<RoomPage> {
    return this.#json('GET', 'api/rooms', query);
  }

  room(room: string): Promise<RoomDetails> {
    return this.#json('GET', 'api/room', { room });
  }

  members(room: string, query: Query): Promise<MemberPage> {
    return this.#json('GET', 'api/room/members', { room, ...query });
  }

  removeRoom(room: string): Promise<Removed> {
    return this.#json('DELETE', 'api/room', { room });
  }

  removeMember(id: string): Promise<Removed> {
    return this.#json('DELETE', `api/members/${encodeURIComponent(id)}`);
  }

  testWebhook(): Promise<WebhookTest> {
    return this.#json('POST', 'api/webhook/test');
  }

  /** What happens on the host, for as long as the connection lasts. */
  async *events(room: string | undefined, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const { body } = await this.#fetch('GET', 'api/events', { room }, signal);
    if (body !== null) yield* eventsOf(body);
  }

  async #json<T>(method: string, path: string, query: Query = {}): Promise<T> {
    const patience = method === 'GET' ? PATIENCE : PATIENCE_TO_ACT;
    const response = await this.#fetch(method, path, query, AbortSignal.timeout(patience));
    return response.json();
  }

  async #fetch(method: string, path: string, query: Query, signal: AbortSignal): Promise<Response> {
    const address = addressOf(path + textOf(query));
    const response = await fetch(address, { method, headers: this.#headers, signal, cache: 'no-store' });
    if (response.ok) return response;
    const problem: Partial<Problem> = await response.json().catch(() => ({}));
    throw new ApiProblem(response.status, problem.message ?? `the host answered ${response.status}`);
  }
}

/** What failed, for people. */
export function inWords(error: unknown): string {
  return error instanceof ApiProblem ? `The host says: ${error.message}.` : 'The host does not answer.';
}

/** Not form encoding, because the host does not decode `+`. */
function textOf(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? '' : `?${given.join('&')}`;
}
