import type { Metadata } from './types';

/** Of those whose names are kept, with what has changed since: null for nothing any more. */
export function metadataAfter(
  before: ReadonlyMap<string, Metadata>,
  kept: readonly string[],
  changed: Readonly<Record<string, Metadata | null>> = {},
): ReadonlyMap<string, Metadata> {
  const names = new Set(kept);
  const all = new Map<string, Metadata>();
  for (const [name, metadata] of before) if (names.has(name)) all.set(name, metadata);
  for (const [name, metadata] of Object.entries(changed)) {
    if (metadata) all.set(name, metadata);
    else all.delete(name);
  }
  return all;
}
