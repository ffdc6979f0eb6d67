/** Plots of the last minutes, with a range to choose and one cursor across all of them. */
import type { Sample } from '../../shapes';
import { byId, make, setText } from '../dom';
import { clock } from '../format';
import { inTurns } from './in-turns';
import { Plot, type PlotView } from './plot';
import { PLOT_KINDS, refusalPlot } from './plot-kinds';
import { gapsIn, KEPT, withGaps, withNewer } from './samples';

/** Minutes. */
const RANGES = [2, 5, 15] as const;
const FIRST_RANGE = 15;

const under = byId('plots-time', HTMLElement);

export class Plots {
  readonly #plots: readonly Plot[];
  readonly #refusals: Plot;
  #samples: readonly Sample[] = [];
  #minutes: number = FIRST_RANGE;
  #isAway = false;

  constructor(container: HTMLElement) {
    const onCursor = (time: number | undefined) => setText(under, time === undefined ? '' : clock(time));
    const own = PLOT_KINDS.map((kind) => new Plot(kind, container, onCursor));
    this.#refusals = new Plot(refusalPlot([]), container, onCursor);
    this.#plots = [...own, this.#refusals];
    byId('ranges', HTMLElement).append(...RANGES.map((minutes) => this.#range(minutes)));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      void inTurns(this.#plots, (plot) => plot.draw());
    });
  }

  /** The host answers: adds its samples. Those from before a restart of it stay. */
  add(samples: readonly Sample[]): void {
    this.#isAway = false;
    this.#samples = withNewer(this.#samples, samples);
    void this.#show();
  }

  /** The host does not answer: the time goes on without it. */
  away(): void {
    this.#isAway = true;
    void this.#show();
  }

  async #show(): Promise<void> {
    const last = this.#samples.at(-1);
    if (last === undefined || document.hidden) return;
    const to = this.#isAway ? Math.max(last.time, Date.now()) : last.time;
    const from = to - Math.min(this.#minutes * 60, KEPT) * 1000;
    const samples = this.#samples.filter(({ time }) => time >= from);
    const away = gapsIn(samples).map(([start, end]) => `no answer from ${clock(start)} to ${clock(end)}`);
    const view: PlotView = { places: withGaps(samples), from, to, away: away.join(', ') };
    this.#refusals.become(refusalPlot(samples));
    await inTurns(this.#plots, (plot) => plot.show(view));
  }

  #range(minutes: number): HTMLElement {
    const input = make('input', { type: 'radio', name: 'range', value: String(minutes) });
    input.checked = minutes === FIRST_RANGE;
    input.addEventListener('change', () => {
      this.#minutes = minutes;
      void this.#show();
    });
    return make('label', { class: 'range' }, input, `${minutes} min`);
  }
}
