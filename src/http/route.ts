/** A route of the API, described once: its checks, its handler and its description follow from the same schemas. */
import { queryParameters } from '../conference/protocol';
import type { App, RequestContext } from './parts';
import { problem } from './problem';
import { readQuery } from './query';
import type { Fields, ObjectOf, Schema } from './schema';

export interface Route {
  readonly method: 'get' | 'delete' | 'post';
  /** As OpenAPI writes it: `/rooms/{room}`. */
  readonly path: string;
  readonly summary: string;
  readonly parameters: Fields;
  readonly query: Fields;
  readonly answer: readonly [description: string, answer: Answer<unknown>];
  readonly problems: Readonly<Record<number, string>>;
  readonly handle: (context: RequestContext) => Promise<Response> | Response;
}

/** One schema, or, of server-sent events, those of their data. */
type Answer<A> = Schema<A> | Readonly<Record<string, Schema>>;

/** What a request has asked for, checked. */
export interface Request<P extends Fields, Q extends Fields> {
  readonly context: RequestContext;
  readonly parameters: ObjectOf<P>;
  readonly query: ObjectOf<Q>;
}

interface Described<P extends Fields, Q extends Fields, A> {
  readonly method: Route['method'];
  readonly path: string;
  readonly summary: string;
  /** In the path. */
  readonly parameters?: P;
  readonly query?: Q;
  readonly answer: readonly [description: string, answer: Answer<A>];
  /** HTTP status → when; beyond those that every route may answer. */
  readonly problems?: Readonly<Record<number, string>>;
  readonly handle: (request: Request<P, Q>) => A | Response | Promise<A | Response>;
}

export function route<P extends Fields = Fields, Q extends Fields = Fields, A = never>({
  parameters = {} as P,
  query = {} as Q,
  problems = {},
  ...described
}: Described<P, Q, A>): Route {
  const handle = async (context: RequestContext): Promise<Response> => {
    const inPath = new Map(Object.keys(parameters).map((name) => [name, context.req.param(name) ?? '']));
    const path = readQuery(parameters, inPath);
    if (!path.ok) return problem(context, 400, 'bad_parameter', path.wrong);
    const given = queryParameters(context.env.incoming.url ?? '');
    const stray = described.method === 'delete' ? strayIn(given, query) : undefined;
    if (stray !== undefined) return problem(context, 400, 'bad_parameter', stray);
    const read = readQuery(query, given);
    if (!read.ok) return problem(context, 400, 'bad_parameter', read.wrong);
    const answer = await described.handle({ context, parameters: path.value, query: read.value });
    return answer instanceof Response ? answer : context.json(answer as object);
  };
  return { ...described, parameters, query, problems, handle };
}

/** Whoever narrows a removal down by what the host does not know would remove too many. */
function strayIn(given: ReadonlyMap<string, string>, query: Fields): string | undefined {
  const stray = [...given.keys()].find((name) => name !== '' && !Object.hasOwn(query, name));
  return stray === undefined ? undefined : `nothing is removed: there is no parameter ${stray} here`;
}

export function addRoutes(api: App, routes: readonly Route[]): void {
  for (const { method, path, handle } of routes) api[method](path.replace(/\{(\w+)\}/g, ':$1'), handle);
}
