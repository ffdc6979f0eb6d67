/** What a member tells of itself: a display name, whether it is muted, or a raised hand. Pure. */

/** Bytes of its JSON. */
export const MAX_METADATA_BYTES = 1_024;
export const MAX_METADATA_KEYS = 10;

export type Metadata = Readonly<Record<string, string | number | boolean>>;

export type ReadMetadata =
  | { readonly ok: true; readonly metadata: Metadata }
  | { readonly ok: false; readonly problem: string };

/** Checks what JSON has brought. The problem says what is wrong with it, after the words "the metadata". */
export function readMetadata(value: unknown): ReadMetadata {
  const problem = (text: string) => ({ ok: false, problem: text }) as const;
  if (!isObject(value)) return problem('is no JSON object');
  const entries = Object.entries(value);
  if (entries.length > MAX_METADATA_KEYS) return problem(`has more than ${MAX_METADATA_KEYS} keys`);
  const isFlat = entries.every(([, item]) => ['string', 'number', 'boolean'].includes(typeof item));
  if (!isFlat) return problem('has a value that is no text, number or boolean');
  if (!entries.every(([, item]) => typeof item !== 'number' || Number.isFinite(item))) {
    return problem('has a number that is too large');
  }
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_METADATA_BYTES) {
    return problem(`is longer than ${MAX_METADATA_BYTES} bytes`);
  }
  return { ok: true, metadata: value as Metadata };
}

/** The same for JSON as text. */
export function parseMetadata(json: string): ReadMetadata {
  try {
    return readMetadata(JSON.parse(json));
  } catch {
    return { ok: false, problem: 'is no JSON' };
  }
}

/** As JSON; undefined where there is nothing to tell. */
export function encodeMetadata(metadata: Metadata): string | undefined {
  return Object.keys(metadata).length === 0 ? undefined : JSON.stringify(metadata);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
