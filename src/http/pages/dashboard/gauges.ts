/** Each limit against its use. */
import { make, setText } from '../dom';
import { count } from '../format';
import type { Limit } from './types';

/** Shares of a limit from which it is nearly, and all but used up. */
const HIGH = 0.8;
const FULL = 0.95;

/** @returns a function that shows the limits */
export function makeGauges(container: HTMLElement): (limits: readonly Limit[]) => void {
  const gauges = new Map<string, (limit: Limit) => void>();
  return (limits) => {
    for (const limit of limits) {
      const show = gauges.get(limit.name) ?? newGauge(container, limit.name);
      gauges.set(limit.name, show);
      show(limit);
    }
  };
}

function newGauge(container: HTMLElement, name: string): (limit: Limit) => void {
  const value = make('span', { class: 'value' });
  const meter = make('meter', { min: '0', 'aria-label': name });
  const label = make('p', { class: 'label' }, make('code', {}, name), value);
  const gauge = make('li', { class: 'gauge' }, label, meter);
  container.append(gauge);
  return ({ used, most, unit }) => {
    const share = most > 0 ? used / most : 0;
    gauge.dataset.state = share >= FULL ? 'bad' : share >= HIGH ? 'warn' : 'good';
    meter.max = most;
    meter.value = used;
    setText(value, `${count(used)} of ${count(most)} ${unit} · ${Math.floor(share * 100)} %`);
  };
}
