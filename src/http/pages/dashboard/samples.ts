/** The samples of the last 15 minutes, and where there are none: the host was away. Pure. */
import type { Sample } from '../../shapes';

/** Seconds. */
export const KEPT = 900;
/** Milliseconds between two samples from which there is a gap. They come every second, and a busy host is late. */
const GAP = 3_000;

/** Adds newer samples; the host may send some again. */
export function withNewer(kept: readonly Sample[], newer: readonly Sample[]): readonly Sample[] {
  const [first] = newer;
  if (first === undefined) return kept;
  const since = (newer.at(-1) ?? first).time - KEPT * 1000;
  return [...kept.filter(({ time }) => time < first.time), ...newer].filter(({ time }) => time > since);
}

/** A place on the time axis, in milliseconds since the epoch, and what was there. */
export interface Place {
  readonly time: number;
  readonly sample: Sample | undefined;
}

/** The samples with an empty place in each gap, at which a plot's line ends. */
export function withGaps(samples: readonly Sample[]): readonly Place[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    const place = { time: sample.time, sample };
    if (before === undefined || sample.time - before.time <= GAP) return [place];
    return [{ time: before.time + 1, sample: undefined }, place];
  });
}

/** The gaps' beginnings and ends. */
export function gapsIn(samples: readonly Sample[]): readonly (readonly [number, number])[] {
  return samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    return before !== undefined && sample.time - before.time > GAP
      ? [[before.time, sample.time] as const]
      : [];
  });
}
