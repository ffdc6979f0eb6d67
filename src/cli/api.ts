/** Asks a running host over its API. */
import type { Problem } from '../http/shapes';

/** Milliseconds until the host is given up, if it reads and if it acts: it may have to ask a media server. */
const READING = 10_000;
const ACTING = 60_000;

/** The host is unreachable, or has refused. */
export class Failure extends Error {
  /** The API's code; undefined where nothing of the API has answered. */
  readonly code: Problem['error'] | undefined;

  constructor(message: string, code?: Problem['error']) {
    super(message);
    this.code = code;
  }
}

const NOT_TRUSTED = 'its certificate is not trusted: NODE_EXTRA_CA_CERTS names one to trust';

/** The system's errors, in plain words. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'that host name is unknown',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it has hung up: https, perhaps?',
  DEPTH_ZERO_SELF_SIGNED_CERT: NOT_TRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: NOT_TRUSTED,
};

type Query = Readonly<Record<string, string | undefined>>;

interface Asking {
  readonly method: 'GET' | 'DELETE' | 'PATCH' | 'POST';
  readonly path: string;
  readonly query?: Query;
  readonly body?: object;
}

export class Api {
  readonly #url: URL;
  readonly #token: string;

  constructor(url: URL, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** @throws Failure */
  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#json({ method: 'GET', path, query }, READING);
  }

  /** @throws Failure */
  delete<T>(path: string, query: Query = {}): Promise<T> {
    return this.#json({ method: 'DELETE', path, query }, ACTING);
  }

  /** @throws Failure */
  patch<T>(path: string, query: Query, body: object): Promise<T> {
    return this.#json({ method: 'PATCH', path, query, body }, ACTING);
  }

  /** @throws Failure */
  post<T>(path: string, body: object): Promise<T> {
    return this.#json({ method: 'POST', path, body }, ACTING);
  }

  /** The answer, whose body is not read yet. @param signal gives it up. @throws Failure */
  async open({ method, path, query = {}, body }: Asking, signal: AbortSignal): Promise<Response> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
    );
    const target = new URL(`api/${path}${given.length === 0 ? '' : `?${given.join('&')}`}`, this.#url);
    const headers = { authorization: `Bearer ${this.#token}` };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(target, { method, headers, signal, ...sent }).catch(this.#fail);
    if (response.ok) return response;
    throw await refusal(response, this.#url);
  }

  async #json<T>(asking: Asking, patience: number): Promise<T> {
    const connection = new AbortController();
    const timer = setTimeout(() => connection.abort(), patience);
    try {
      const response = await this.open(asking, connection.signal);
      return (await response.json().catch(this.#fail)) as T;
    } finally {
      clearTimeout(timer);
    }
  }

  readonly #fail = (error: Error): never => {
    throw new Failure(`${this.#url} is unreachable: ${causeOf(error)}`);
  };
}

async function refusal(response: Response, url: URL): Promise<Failure> {
  const { status } = response;
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  if (problem.error === undefined)
    return new Failure(`${url} has answered ${status}: is it a conference host?`);
  if (problem.error === 'not_found')
    return new Failure(
      `${url} has no API: neither ADMIN_TOKEN nor METRICS_TOKEN is set there`,
      problem.error,
    );
  if (problem.error === 'unauthorised') return new Failure(`${url} does not take this token`, problem.error);
  return new Failure(problem.message ?? problem.error, problem.error);
}

function causeOf({ name, message, cause }: Error): string {
  if (name === 'AbortError') return CAUSES.ETIMEDOUT ?? message;
  const { code, message: reason } = (cause ?? {}) as { code?: string; message?: string };
  return CAUSES[code ?? ''] ?? (reason || message);
}
