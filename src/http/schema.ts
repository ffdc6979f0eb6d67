/**
 * Schemas of what the API takes and gives: JSON Schema, as OpenAPI 3.1 prints it. Types and checks follow from them. A
 * library would do more, and take 12 MB and a tenth of a second of the host for it.
 */

declare const VALUE: unique symbol;
const NAMED = Symbol('named');

interface Named {
  readonly name: string;
  readonly schema: Schema;
}

/** @typeParam T what fits it; for types only */
export interface Schema<T = unknown> {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly properties?: Fields;
  readonly [NAMED]?: Named;
  readonly [VALUE]?: T;
}

export type Fields = Readonly<Record<string, Schema>>;

/** What fits a schema. */
export type Of<S> = S extends Schema<infer T> ? T : never;

/** What fits each of some fields. */
export type ObjectOf<F extends Fields> = { readonly [K in keyof F]: Of<F[K]> };

/** The same as one object type, so that messages of the compiler can be read. */
type Flat<T> = { [K in keyof T]: T[K] } & {};

export function text(description?: string, maxLength?: number): Schema<string> {
  return { type: 'string', ...described(description), ...(maxLength !== undefined && { maxLength }) };
}

/** @param pattern the whole text must match it */
export function pattern(pattern: string, description: string): Schema<string> {
  return { type: 'string', pattern, description };
}

/** A whole number that is not negative. */
export function count(description?: string): Schema<number> {
  return { type: 'integer', minimum: 0, ...described(description) };
}

export function whole(minimum: number, maximum: number, description?: string): Schema<number> {
  return { type: 'integer', minimum, maximum, ...described(description) };
}

export function number(description?: string): Schema<number> {
  return { type: 'number', minimum: 0, ...described(description) };
}

export function time(description?: string): Schema<number> {
  return count(
    description === undefined ? 'Milliseconds since the epoch' : `${description}; ms since the epoch`,
  );
}

export function flag(description?: string): Schema<boolean> {
  return { type: 'boolean', ...described(description) };
}

export function oneOf<const V extends string>(values: readonly V[], description?: string): Schema<V> {
  return { enum: values, ...described(description) };
}

export function list<T>(items: Schema<T>, description?: string, maxItems?: number): Schema<readonly T[]> {
  return { type: 'array', items, ...described(description), ...(maxItems !== undefined && { maxItems }) };
}

/** An object with exactly these fields, and perhaps the optional ones. */
export function object<F extends Fields, O extends Fields = Record<never, never>>(
  fields: F,
  optional?: O,
): Schema<Flat<ObjectOf<F> & { readonly [K in keyof O]?: Of<O[K]> | undefined }>> {
  const required = Object.keys(fields);
  return { type: 'object', required, additionalProperties: false, properties: { ...fields, ...optional } };
}

/** The description refers to it by this name. */
export function named<T>(name: string, schema: Schema<T>): Schema<T> {
  return { ...schema, [NAMED]: { name, schema } };
}

/** The same with other words. */
export function about<T>(schema: Schema<T>, description: string): Schema<T> {
  return { ...schema, description };
}

/** Where it is not given, it is this. */
export function otherwise<T>(schema: Schema<T>, value: T): Schema<T> {
  return { ...schema, default: value };
}

function described(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}

/** Whether a value fits. Fields that an object has besides are let be: they may be of a newer version. */
export function fits<T>(schema: Schema<T>, value: unknown): value is T {
  if (schema.enum !== undefined) return schema.enum.includes(value);
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && fitsText(schema, value);
    case 'integer':
    case 'number':
      return typeof value === 'number' && fitsNumber(schema, value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value) && fitsList(schema, value);
    case 'object':
      return typeof value === 'object' && value !== null && fitsObject(schema, value);
    default:
      return true;
  }
}

function fitsText({ maxLength = Infinity, pattern }: Schema, value: string): boolean {
  return value.length <= maxLength && (pattern === undefined || new RegExp(pattern).test(value));
}

function fitsNumber({ type, minimum = -Infinity, maximum = Infinity }: Schema, value: number): boolean {
  const isRight = type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isRight && value >= minimum && value <= maximum;
}

function fitsList({ items = {}, maxItems = Infinity }: Schema, value: readonly unknown[]): boolean {
  return value.length <= maxItems && value.every((item) => fits(items, item));
}

function fitsObject({ properties = {}, required = [] }: Schema, value: object): boolean {
  const given = new Map(Object.entries(value));
  for (const name in properties) {
    const field = given.get(name);
    if (field !== undefined && !fits(properties[name] ?? {}, field)) return false;
  }
  return required.every((name) => given.get(name) !== undefined);
}

/** As OpenAPI prints it. Named schemas are added to `components`, and referred to. */
export function printed(schema: Schema, components: Record<string, object>): object {
  const { [NAMED]: named, ...plain } = schema;
  if (named === undefined) return printedPlain(plain, components);
  const { name, schema: original } = named;
  if (components[name] === undefined) {
    components[name] = {};
    components[name] = printedPlain(original, components);
  }
  const { description } = plain;
  return {
    $ref: `#/components/schemas/${name}`,
    ...(description !== original.description && { description }),
  };
}

function printedPlain(schema: Schema, components: Record<string, object>): object {
  const { items, properties, ...rest } = schema;
  if (items !== undefined) return { ...rest, items: printed(items, components) };
  if (properties === undefined) return rest;
  const fields = Object.entries(properties).map(([name, field]) => [name, printed(field, components)]);
  return { ...rest, properties: Object.fromEntries(fields) };
}
