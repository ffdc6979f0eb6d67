/** What many samples say together. */

/**
 * The value below which the share `p` of the samples lies, interpolated between neighbours.
 * @throws RangeError where there is no sample
 */
export function quantile(samples: readonly number[], p: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * p;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('there are no samples');
  return below + (above - below) * (position - Math.floor(position));
}

/** The middle sample, which one noisy round does not move. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}
