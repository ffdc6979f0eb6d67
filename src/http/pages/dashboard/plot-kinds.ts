/** What is plotted. */
import type { Sample } from '../../shapes';
import { count, fine, megabytes } from '../format';

export interface Series {
  readonly label: string;
  readonly value: (sample: Sample) => number;
}

export interface PlotKind {
  readonly title: string;
  readonly series: readonly Series[];
  readonly show: (value: number) => string;
  /** The minimum height of the axis, so that a quiet host looks quiet. */
  readonly atLeast: number;
}

export const PLOT_KINDS: readonly PlotKind[] = [
  {
    title: 'Members',
    series: [
      { label: 'members', value: ({ members }) => members },
      { label: 'slow', value: ({ behind }) => behind },
    ],
    show: count,
    atLeast: 10,
  },
  {
    title: 'Rooms, streams',
    series: [
      { label: 'rooms', value: ({ rooms }) => rooms },
      { label: 'streams', value: ({ streams }) => streams },
    ],
    show: count,
    atLeast: 10,
  },
  {
    title: 'Joins, leaves / s',
    series: [
      { label: 'joins', value: ({ joins }) => joins },
      { label: 'leaves', value: ({ leaves }) => leaves },
    ],
    show: count,
    atLeast: 5,
  },
  {
    title: 'Rosters / s',
    series: [
      { label: 'sent', value: ({ rosters }) => rosters },
      { label: 'coalesced', value: ({ shared }) => shared },
    ],
    show: count,
    atLeast: 10,
  },
  {
    title: 'Event loop delay',
    series: [{ label: 'longest', value: ({ loopDelay }) => loopDelay }],
    show: (value) => `${fine(value)} ms`,
    atLeast: 20,
  },
  {
    title: 'Memory',
    series: [
      { label: 'process', value: ({ rss }) => rss },
      { label: 'objects', value: ({ heap }) => heap },
    ],
    show: megabytes,
    atLeast: 50e6,
  },
];

/** As many lines as the page has colours; further kinds share the last. */
const LINES = 4;

/** Refusals by kind, the most frequent first. */
export function refusalPlot(samples: readonly Sample[]): PlotKind {
  const totals = new Map<string, number>();
  for (const { refused } of samples) {
    for (const { name, times } of refused) totals.set(name, (totals.get(name) ?? 0) + times);
  }
  const names = [...totals].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const isAll = names.length <= LINES;
  const own = isAll ? names : names.slice(0, LINES - 1);
  const series = own.map((name) => ({ label: name, value: (sample: Sample) => timesOf(sample, [name]) }));
  if (!isAll) series.push({ label: 'others', value: (sample) => sample.refusals - timesOf(sample, own) });
  if (series.length === 0) series.push({ label: 'none', value: ({ refusals }) => refusals });
  return { title: 'Refusals / s', series, show: count, atLeast: 5 };
}

function timesOf({ refused }: Sample, names: readonly string[]): number {
  return refused.reduce((sum, { name, times }) => sum + (names.includes(name) ? times : 0), 0);
}
