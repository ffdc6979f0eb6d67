/** A client for the host's API. */
import type {
  Banned,
  BanPage,
  BanTerms,
  Lifted,
  MemberPage,
  Problem,
  Removed,
  RoomDetails,
  RoomPage,
  RoomPolicy,
  RoomRules,
  WebhookTest,
} from '../../shapes';
import { addressOf } from './address';
import type { NamedStream } from './ban-too';
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
  /** Whether the host takes orders, as far as is known. */
  #takesOrders = true;

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

  /** @param seconds for which the name is banned from the room */
  removeStream({ room, streamName }: NamedStream, seconds?: number): Promise<Removed> {
    return this.#json('DELETE', 'api/stream', { room, streamName, ban: seconds });
  }

  /** Undefined where the host takes no orders. */
  rules(room: string): Promise<RoomPolicy | undefined> {
    return this.#orders('api/room/policy', { room });
  }

  setRules(room: string, rules: RoomRules): Promise<RoomPolicy> {
    return this.#json('PATCH', 'api/room/policy', { room }, rules);
  }

  openRoom(room: string, rule: 'locked' | 'maxSize' | 'names'): Promise<RoomPolicy> {
    return this.#json('DELETE', 'api/room/policy', { room, rule });
  }

  /** Undefined where the host takes no orders. */
  bans(query: Query): Promise<BanPage | undefined> {
    return this.#orders('api/bans', query);
  }

  ban(terms: BanTerms): Promise<Banned> {
    return this.#json('POST', 'api/bans', {}, terms);
  }

  lift(id: string): Promise<Lifted> {
    return this.#json('DELETE', `api/bans/${encodeURIComponent(id)}`);
  }

  testWebhook(): Promise<WebhookTest> {
    return this.#json('POST', 'api/webhook/test');
  }

  /** What happens on the host, for as long as the connection lasts. */
  async *events(room: string | undefined, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    const { body } = await this.#fetch('GET', 'api/events', { room }, signal);
    if (body !== null) yield* eventsOf(body);
  }

  /** A host without an admin token has none of these, and is not asked again. */
  async #orders<T>(path: string, query: Query): Promise<T | undefined> {
    if (!this.#takesOrders) return undefined;
    try {
      return await this.#json<T>('GET', path, query);
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 404)) throw error;
      this.#takesOrders = false;
      return undefined;
    }
  }

  async #json<T>(method: string, path: string, query: Query = {}, body?: object): Promise<T> {
    const patience = method === 'GET' ? PATIENCE : PATIENCE_TO_ACT;
    const response = await this.#fetch(method, path, query, AbortSignal.timeout(patience), body);
    return response.json();
  }

  async #fetch(
    method: string,
    path: string,
    query: Query,
    signal: AbortSignal,
    body?: object,
  ): Promise<Response> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(addressOf(path + textOf(query)), {
      ...{ method, headers: this.#headers, signal, cache: 'no-store', ...sent },
    });
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
