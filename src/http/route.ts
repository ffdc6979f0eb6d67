/** A route of the API, described once: its checks, its handler and its description follow from the same schemas. */
import { queryParameters } from '../conference/protocol';
import { BadBody, MOST_BODY, readBody } from './body';
import type { App, RequestContext } from './parts';
import { problem } from './problem';
import { readQuery } from './query';
import type { Fields, ObjectOf, Schema } from './schema';

export interface Route {
  readonly method: 'get' | 'put' | 'patch' | 'post' | 'delete';
  /** As OpenAPI writes it: `/rooms/{room}`. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: Fields;
  readonly query: Fields;
  /** Of a JSON object. */
  readonly body: Schema | undefined;
  readonly answer: readonly [description: string, answer: Answer<unknown>];
  readonly problems: Readonly<Record<number, string>>;
  readonly handle: (context: RequestContext) => Promise<Response> | Response;
}

/** One schema, or, of server-sent events, those of their data. */
type Answer<A> = Schema<A> | Readonly<Record<string, Schema>>;

/** What a request has asked for, checked. */
export interface Request<P extends Fields, Q extends Fields, B> {
  readonly context: RequestContext;
  readonly parameters: ObjectOf<P>;
  readonly query: ObjectOf<Q>;
  /** Undefined where the route takes none. */
  readonly body: B;
}

interface Described<P extends Fields, Q extends Fields, A, B> {
  readonly method: Route['method'];
  readonly path: string;
  readonly summary: string;
  /** In the path. */
  readonly parameters?: P;
  readonly query?: Q;
  readonly body?: Schema<B>;
  readonly answer: readonly [description: string, answer: Answer<A>];
  /** HTTP status → when; beyond those that every route may answer. */
  readonly problems?: Readonly<Record<number, string>>;
  readonly handle: (request: Request<P, Q, B>) => A | Response | Promise<A | Response>;
}

export function route<P extends Fields = Fields, Q extends Fields = Fields, A = never, B = undefined>({
  parameters = {} as P,
  query = {} as Q,
  problems = {},
  ...described
}: Described<P, Q, A, B>): Route {
  const handle = async (context: RequestContext): Promise<Response> => {
    const inPath = new Map(Object.keys(parameters).map((name) => [name, context.req.param(name) ?? '']));
    const path = readQuery(parameters, inPath);
    if (!path.ok) return problem(context, 400, 'bad_parameter', path.wrong);
    const given = queryParameters(context.env.incoming.url ?? '');
    const stray = described.method === 'get' ? undefined : strayIn(given, query, described.method);
    if (stray !== undefined) return problem(context, 400, 'bad_parameter', stray);
    const read = readQuery(query, given);
    if (!read.ok) return problem(context, 400, 'bad_parameter', read.wrong);
    const sent = await bodyOf(context, described.body);
    if (sent instanceof Response) return sent;
    const asked = { context, parameters: path.value, query: read.value, body: sent as B };
    try {
      const answer = await described.handle(asked);
      return answer instanceof Response ? answer : context.json(answer as object);
    } catch (error) {
      if (error instanceof BadBody) return problem(context, 400, 'bad_body', error.message);
      throw error;
    }
  };
  return { ...described, body: described.body, parameters, query, problems, handle };
}

async function bodyOf<B>(
  context: RequestContext,
  schema: Schema<B> | undefined,
): Promise<B | Response | undefined> {
  if (schema === undefined) return undefined;
  const read = await readBody(schema, context.env.incoming);
  if (read === undefined) {
    context.header('Connection', 'close');
    return problem(context, 413, 'body_too_long', `a body has ${MOST_BODY} bytes at most, and says how many`);
  }
  return read.ok ? read.value : problem(context, 400, 'bad_body', read.wrong);
}

/**
 * Whoever narrows a removal down by what the host does not know would remove too many, and whoever limits an order so would
 * believe that the limit counts.
 */
function strayIn(
  given: ReadonlyMap<string, string>,
  query: Fields,
  method: Route['method'],
): string | undefined {
  const stray = [...given.keys()].find((name) => name !== '' && !Object.hasOwn(query, name));
  if (stray === undefined) return undefined;
  return `nothing is ${method === 'delete' ? 'removed' : 'done'}: there is no parameter ${stray} here`;
}

export function addRoutes(api: App, routes: readonly Route[]): void {
  for (const { method, path, handle } of routes) api[method](path.replace(/\{(\w+)\}/g, ':$1'), handle);
}
