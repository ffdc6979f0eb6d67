/** The routes as OpenAPI 3.1. */
import { version } from '../version';
import type { Route } from './route';
import { count, type Fields, printed, type Schema, text } from './schema';
import { problemSchema } from './schemas';
import { webhooks } from './webhook-schemas';

/** What every route may answer. */
const GUARDED: Readonly<Record<number, string>> = {
  401: 'No token, or a wrong one',
  429: 'Too many wrong tokens from this address',
};
const READ_ONLY: Readonly<Record<number, string>> = { 403: 'The token is METRICS_TOKEN, which is read-only' };
const BAD_PARAMETER: Readonly<Record<number, string>> = {
  400: 'A parameter has no valid value, or removes nothing here',
};
const BAD_BODY: Readonly<Record<number, string>> = {
  400: 'The body is not what it should be',
  413: 'The body is longer than 4 KiB, or does not say how long it is',
};

const INFO = {
  title: 'Conference host',
  version,
  description:
    'Rooms and figures of all nodes, through any of them. Only available if ADMIN_TOKEN or METRICS_TOKEN is set. The ' +
    'first opens all of it, the second is read-only (GET, HEAD).',
};

export function openApi(routes: readonly Route[]): object {
  const components: Record<string, object> = {};
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = `/api${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operation(route, components) };
  }
  return {
    ...{ openapi: '3.1.0', info: INFO, servers: [{ url: '/' }], security: [{ token: [] }], paths },
    webhooks: webhooks(components),
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas: components },
  };
}

function operation(
  { method, summary, parameters, query, body, answer, problems }: Route,
  components: Record<string, object>,
) {
  const isRequired = ({ default: value }: Schema) => value === undefined;
  const canBeBad =
    [...Object.values(parameters), ...Object.values(query)].some(isChecked) ||
    Object.values(query).some(isRequired) ||
    method === 'delete';
  const all = {
    ...(canBeBad && BAD_PARAMETER),
    ...(body !== undefined && BAD_BODY),
    ...(method !== 'get' && READ_ONLY),
    ...GUARDED,
    ...problems,
  };
  const responses: Record<number, object> = { 200: success(answer, components) };
  for (const [status, when] of Object.entries(all)) {
    const headers = { 'Retry-After': { description: 'Seconds', schema: count() } };
    responses[Number(status)] = {
      ...json(when, problemSchema, components),
      ...(status === '429' && { headers }),
    };
  }
  const requestBody = body && { ...json('A JSON object', body, components), required: true };
  return {
    ...{ summary, parameters: [...listed('path', parameters), ...listed('query', query)] },
    ...(requestBody && { requestBody }),
    responses,
  };
}

function success([description, answer]: Route['answer'], components: Record<string, object>): object {
  if (!isEvents(answer)) return json(description, answer as Schema, components);
  for (const schema of Object.values(answer)) printed(schema, components);
  return { description, content: { 'text/event-stream': { schema: text() } } };
}

function json(description: string, schema: Schema, components: Record<string, object>): object {
  return { description, content: { 'application/json': { schema: printed(schema, components) } } };
}

function listed(where: 'path' | 'query', fields: Fields): object[] {
  return Object.entries(fields).map(([name, { description, ...schema }]) => ({
    ...{ name, in: where, required: where === 'path' || schema.default === undefined },
    ...(description !== undefined && { description }),
    schema,
  }));
}

/** Whether not everything fits it. */
function isChecked({ type, pattern, maxLength }: Schema): boolean {
  return type !== 'string' || pattern !== undefined || maxLength !== undefined;
}

/** Schemas of several events have names of their own; a schema has none of these. */
function isEvents(answer: Route['answer'][1]): answer is Readonly<Record<string, Schema>> {
  return !('type' in answer) && !('enum' in answer);
}
