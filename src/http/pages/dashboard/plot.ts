/** One plot. All have one cursor. */
import uPlot from 'uplot';
import { make, setText } from '../dom';
import { clock } from '../format';
import type { PlotKind } from './plot-kinds';
import type { Place } from './samples';

/** What a plot shows, and of which time: milliseconds since the epoch. */
export interface PlotView {
  readonly places: readonly Place[];
  readonly from: number;
  readonly to: number;
  /** When the host was away, in words; empty if never. */
  readonly away: string;
}

/** Of each line, so that they differ without colours too. */
const DASHES: readonly number[][] = [[], [5, 3], [2, 2], [9, 3, 2, 3]];

export class Plot {
  readonly #canvas = make('div', { class: 'canvas', role: 'img' });
  readonly #readout = make('span', { class: 'readout' });
  readonly #title = make('span', { class: 'title' });
  readonly #onCursor: (time: number | undefined) => void;
  #kind: PlotKind;
  #readouts: HTMLElement[] = [];
  #plot: uPlot | undefined;
  #view: PlotView = { places: [], from: 0, to: 1, away: '' };

  /** @param onCursor told of the time under the pointer, or undefined */
  constructor(kind: PlotKind, container: HTMLElement, onCursor: (time: number | undefined) => void) {
    this.#kind = kind;
    this.#onCursor = onCursor;
    const caption = make('figcaption', {}, this.#title, this.#readout);
    container.append(make('figure', { class: 'plot' }, caption, this.#canvas));
    this.#newReadouts();
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#canvas);
  }

  show(view: PlotView): void {
    this.#view = view;
    if (this.#canvas.clientWidth === 0) return;
    if (this.#plot === undefined) this.draw();
    else this.#plot.setData(this.#data());
    this.#read(this.#plot?.cursor.idx);
    this.#describe();
  }

  /** Shows another kind from now on, if its lines are others. */
  become(kind: PlotKind): void {
    const labels = ({ series }: PlotKind) => series.map(({ label }) => label).join();
    const isSame = labels(kind) === labels(this.#kind);
    this.#kind = kind;
    if (isSame) return;
    this.#newReadouts();
    if (this.#plot !== undefined) this.draw();
  }

  /** Redraws in the page's current colours. */
  draw(): void {
    this.#plot?.destroy();
    this.#plot = new uPlot({ ...this.#size(), ...this.#options() }, this.#data(), this.#canvas);
  }

  #newReadouts(): void {
    setText(this.#title, this.#kind.title);
    this.#readouts = this.#kind.series.map(() => make('span', { class: 'series' }));
    this.#readout.replaceChildren(...this.#readouts);
  }

  #size(): { width: number; height: number } {
    return { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
  }

  #data(): uPlot.AlignedData {
    const { places } = this.#view;
    const lines = this.#kind.series.map(({ value }) =>
      places.map(({ sample }) => (sample ? value(sample) : null)),
    );
    return [places.map(({ time }) => time / 1000), ...lines];
  }

  /** Shows the values under the pointer, or the newest. */
  #read(index: number | null | undefined): void {
    const { places } = this.#view;
    const place = places[index ?? places.length - 1];
    for (const [position, { label, value }] of this.#kind.series.entries()) {
      const element = this.#readouts[position];
      const shown = place?.sample ? this.#kind.show(value(place.sample)) : '–';
      if (element) setText(element, `${label} ${shown}`);
    }
  }

  #describe(): void {
    const { places, from, to, away } = this.#view;
    const lines = this.#kind.series.map(({ label, value }) => {
      const most = places.reduce((highest, { sample }) => Math.max(highest, sample ? value(sample) : 0), 0);
      return `${label}: at most ${this.#kind.show(most)}`;
    });
    const words = `${this.#kind.title} from ${clock(from)} to ${clock(to)}; ${lines.join(', ')}`;
    this.#canvas.setAttribute('aria-label', away === '' ? words : `${words}; ${away}`);
  }

  #options(): Omit<uPlot.Options, 'width' | 'height'> {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour('muted'),
      font: '12px system-ui, sans-serif',
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    };
    const { show, atLeast, series } = this.#kind;
    return {
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 }, sync: { key: 'host' } },
      hooks: { setCursor: [(plot) => this.#onMoved(plot)] },
      scales: {
        x: { range: () => [this.#view.from / 1000, this.#view.to / 1000] },
        y: { range: (_plot, _from, to) => [0, Math.max(atLeast, (to ?? 0) * 1.1)] },
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
          points: { show: false, filter: isolated },
          dash: DASHES[index] ?? [],
        })),
      ],
    };
  }

  #onMoved({ cursor: { idx } }: uPlot): void {
    this.#read(idx);
    this.#onCursor(idx == null ? undefined : this.#view.places[idx]?.time);
  }
}

/** A sample between two gaps has no line: it is drawn as a point. */
function isolated({ data }: uPlot, series: number): number[] | null {
  const values = data[series] ?? [];
  const found = Array.from(values, (value, index) => ({ value, index }))
    .filter(({ value, index }) => value != null && values[index - 1] == null && values[index + 1] == null)
    .map(({ index }) => index);
  return found.length === 0 ? null : found;
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
