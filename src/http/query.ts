/** Reads the parameters of a query by their schemas. */
import { type Fields, fits, type ObjectOf, type Schema } from './schema';

export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly wrong: string };

/** @returns what was given, with the defaults for the rest, or what is wrong with it */
export function readQuery<F extends Fields>(
  fields: F,
  given: ReadonlyMap<string, string>,
): Read<ObjectOf<F>> {
  const read: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(fields)) {
    const text = given.get(name);
    if (text === undefined && schema.default === undefined) return { ok: false, wrong: `${name} is missing` };
    const value = text === undefined ? schema.default : valueIn(schema, text);
    if (value === undefined || !fits(schema, value)) {
      return { ok: false, wrong: `${name} takes ${takes(schema)}` };
    }
    read[name] = value;
  }
  return { ok: true, value: read as ObjectOf<F> };
}

function valueIn(schema: Schema, text: string): unknown {
  if (schema.type !== 'integer') return text;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function takes({ type, enum: values, minimum, maximum, maxLength, description }: Schema): string {
  if (values?.length === 2) return values.join(' or ');
  if (values !== undefined) return `one of ${values.join(', ')}`;
  if (type === 'integer')
    return maximum === undefined ? 'a whole number' : `a whole number from ${minimum} to ${maximum}`;
  return maxLength === undefined ? (description ?? 'a text') : `a text of up to ${maxLength} characters`;
}
