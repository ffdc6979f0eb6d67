/** Reads the JSON body of a request by its schema. */
import type { IncomingMessage } from 'node:http';
import { hasLongBody } from '../listening/parsing';
import type { Read } from './query';
import { fits, type Schema } from './schema';

/** Bytes of the longest body, which `listening/parsing.ts` lets through. */
export const MOST_BODY = 4 * 1024;

/** What a body asks for cannot be, as its message says to whoever has sent it. */
export class BadBody extends Error {}

/** @returns what was given, or what is wrong with it; undefined where it is too long, and was not read */
export async function readBody<T>(
  schema: Schema<T>,
  incoming: IncomingMessage,
): Promise<Read<T> | undefined> {
  if (hasLongBody(incoming)) return undefined;
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    if (!incoming.readableAborted) throw error;
  }
  return readJson(schema, Buffer.concat(chunks).toString('utf8'));
}

function readJson<T>(schema: Schema<T>, text: string): Read<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, wrong: 'the body is no JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ok: false, wrong: 'the body is no JSON object' };
  }
  const { properties = {}, required = [] } = schema;
  const fields = new Map<string, unknown>(Object.entries(value));
  // Whoever misspells a rule would believe that it counts.
  const stray = [...fields.keys()].find((name) => !Object.hasOwn(properties, name));
  if (stray !== undefined) return { ok: false, wrong: `nothing is done: there is no ${stray} here` };
  const missing = required.find((name) => !fields.has(name));
  if (missing !== undefined) return { ok: false, wrong: `${missing} is missing` };
  for (const [name, field] of Object.entries(properties)) {
    if (fields.has(name) && !fits(field, fields.get(name))) {
      return { ok: false, wrong: `${name} takes ${field.description ?? field.type}` };
    }
  }
  return { ok: true, value: value as T };
}
