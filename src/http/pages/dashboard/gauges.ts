/** Each limit against its use. */
import type { Limit } from '../../shapes';
import { make, setText } from '../dom';
import { count, megabytes } from '../format';

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
  const used = make('div', { class: 'used' });
  const meter = make(
    'div',
    { class: 'meter', role: 'meter', 'aria-label': name, 'aria-valuemin': '0' },
    used,
  );
  const label = make('p', { class: 'label' }, make('code', {}, name), value);
  const gauge = make('li', { class: 'gauge' }, label, meter);
  container.append(gauge);
  return (limit) => {
    const share = limit.most > 0 ? limit.used / limit.most : 0;
    const words = limit.unit === 'bytes' ? megabytes : count;
    gauge.dataset.state = share >= FULL ? 'bad' : share >= HIGH ? 'warn' : 'good';
    used.style.width = `${Math.min(100, share * 100)}%`;
    meter.ariaValueMax = String(limit.most);
    meter.ariaValueNow = String(limit.used);
    setText(value, `${words(limit.used)} of ${words(limit.most)} · ${Math.floor(share * 100)} %`);
  };
}
