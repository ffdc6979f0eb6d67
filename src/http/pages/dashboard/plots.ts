/** Plots of the last 15 minutes. */
import uPlot from 'uplot';
import type { Sample } from '../../shapes';
import { make, setText } from '../dom';
import { count, fine, megabytes } from '../format';

/** Most and fewest seconds to show. */
const SHOWN = 900;
const SHOWN_AT_FIRST = 120;

interface Series {
  readonly label: string;
  readonly value: (sample: Sample) => number;
}

interface PlotKind {
  readonly title: string;
  readonly series: readonly Series[];
  readonly show: (value: number) => string;
  /** The minimum height of the axis, so that a quiet host looks quiet. */
  readonly atLeast: number;
}

const KINDS: readonly PlotKind[] = [
  {
    title: 'Members',
    series: [{ label: 'members', value: ({ members }) => members }],
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
      { label: 'saved', value: ({ shared }) => shared },
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

export class Plots {
  readonly #plots: Plot[];
  #samples: Sample[] = [];

  constructor(container: HTMLElement) {
    this.#plots = KINDS.map((kind) => new Plot(kind, container));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const plot of this.#plots) plot.draw(this.#samples);
    });
  }

  /** Samples so far, including those from before a restart of the host. */
  add(samples: readonly Sample[]): void {
    const [first] = samples;
    if (first === undefined) return;
    const before = this.#samples.filter(({ time }) => time < first.time);
    const since = (samples.at(-1) ?? first).time - SHOWN * 1000;
    this.#samples = [...before, ...samples].filter(({ time }) => time > since);
    for (const plot of this.#plots) plot.show(this.#samples);
  }
}

class Plot {
  readonly #kind: PlotKind;
  readonly #canvas = make('div', { class: 'canvas', role: 'img' });
  readonly #readouts: HTMLElement[];
  #plot: uPlot | undefined;
  #samples: readonly Sample[] = [];

  constructor(kind: PlotKind, container: HTMLElement) {
    this.#kind = kind;
    this.#readouts = kind.series.map(() => make('span', { class: 'series' }));
    const readout = make('span', { class: 'readout' }, ...this.#readouts);
    const caption = make('figcaption', {}, make('span', { class: 'title' }, kind.title), readout);
    container.append(make('figure', { class: 'plot' }, caption, this.#canvas));
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#canvas);
  }

  show(samples: readonly Sample[]): void {
    this.#samples = samples;
    if (this.#plot === undefined) this.draw(samples);
    else this.#plot.setData(dataOf(this.#kind, samples));
    this.#read(this.#plot?.cursor.idx);
    this.#describe();
  }

  /** Redraws in the page's current colours. */
  draw(samples: readonly Sample[]): void {
    this.#plot?.destroy();
    const options = { ...this.#size(), ...optionsOf(this.#kind, (index) => this.#read(index)) };
    this.#plot = new uPlot(options, dataOf(this.#kind, samples), this.#canvas);
  }

  #size(): { width: number; height: number } {
    return { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
  }

  /** Shows the values under the pointer, or the newest. */
  #read(index: number | null | undefined): void {
    const sample = this.#samples[index ?? this.#samples.length - 1];
    if (sample === undefined) return;
    for (const [place, { label, value }] of this.#kind.series.entries()) {
      const element = this.#readouts[place];
      if (element) setText(element, `${label} ${this.#kind.show(value(sample))}`);
    }
  }

  #describe(): void {
    const lines = this.#kind.series.map(({ label, value }) => {
      const most = this.#samples.reduce((highest, sample) => Math.max(highest, value(sample)), 0);
      return `${label}: at most ${this.#kind.show(most)}`;
    });
    this.#canvas.setAttribute(
      'aria-label',
      `${this.#kind.title} in the last 15 minutes; ${lines.join(', ')}`,
    );
  }
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function dataOf({ series }: PlotKind, samples: readonly Sample[]): uPlot.AlignedData {
  return [samples.map(({ time }) => time / 1000), ...series.map(({ value }) => samples.map(value))];
}

function optionsOf(
  { series, show, atLeast }: PlotKind,
  onCursor: (index: number | null | undefined) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour('muted'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx)] },
    scales: {
      x: { range: (_plot, from, to) => [Math.min(from, to - SHOWN_AT_FIRST), to] },
      y: { range: (_plot, _from, to) => [0, Math.max(atLeast, to * 1.1)] },
    },
    axes: [
      { ...axis, space: 80, size: 28, values: (_plot, ticks) => ticks.map(timeOfDay) },
      { ...axis, size: 62, space: 32, values: (_plot, ticks) => ticks.map(show) },
    ],
    series: [
      {},
      ...series.map(({ label }, index) => ({
        label,
        stroke: colour(`plot-${index + 1}`),
        width: 2,
        points: { show: false },
        ...(index === 0 ? {} : { dash: [5, 3] }),
      })),
    ],
  };
}
