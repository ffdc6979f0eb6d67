/** Asks a running host over its API. */
import type { Problem } from '../http/shapes';

/** The host cannot be asked, or has refused. */
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

export class Api {
  readonly #url: URL;
  readonly #token: string;

  constructor(url: URL, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** @throws Failure */
  async get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> {
    return (await (await this.open(path, query)).json()) as T;
  }

  /** @throws Failure */
  async delete<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    return (await (await this.open(path, query, 'DELETE')).json()) as T;
  }

  /** The answer, whose body is not read yet. @throws Failure */
  async open(
    path: string,
    query: Readonly<Record<string, string | undefined>> = {},
    method = 'GET',
  ): Promise<Response> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
    );
    const target = new URL(`api/${path}${given.length === 0 ? '' : `?${given.join('&')}`}`, this.#url);
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(target, { method, headers }).catch((error: Error) => {
      throw new Failure(`${this.#url} cannot be asked: ${causeOf(error)}`);
    });
    if (response.ok) return response;
    throw await refusal(response, this.#url);
  }
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

function causeOf({ message, cause }: Error): string {
  const { code, message: reason } = (cause ?? {}) as { code?: string; message?: string };
  return CAUSES[code ?? ''] ?? (reason || message);
}
