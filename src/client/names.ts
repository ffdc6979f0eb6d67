/** The names that the others are not among. */
export function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}

/** What is between two lists. */
export function difference(before: readonly string[], streams: readonly string[]) {
  return { streams, joined: without(streams, before), left: without(before, streams) };
}
