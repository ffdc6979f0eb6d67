/** The current figures: what there is on all nodes, and what this one does. */
import type { Sample, Totals } from '../../shapes';
import { make, setText } from '../dom';
import { count } from '../format';

type Read = (totals: Totals, sample: Sample) => number;

/** Label, value, and whose it is. */
const TILES: readonly (readonly [string, Read, 'cluster' | 'node'])[] = [
  ['Members', ({ members }) => members, 'cluster'],
  ['Rooms', ({ rooms }) => rooms, 'cluster'],
  ['Streams', ({ streams }) => streams, 'cluster'],
  ['Slow', (_, { behind }) => behind, 'node'],
  ['Joins / s', (_, { joins }) => joins, 'node'],
  ['Leaves / s', (_, { leaves }) => leaves, 'node'],
];

/** @returns a function that shows the newest figures */
export function makeTiles(container: HTMLElement): (totals: Totals, sample: Sample) => void {
  const values = TILES.map(([label, , of]) => {
    const value = make('dd', {}, '–');
    const whose = of === 'node' ? [make('span', { class: 'of-node' }, ', here')] : [];
    container.append(make('div', {}, make('dt', {}, label, ...whose), value));
    return value;
  });
  return (totals, sample) => {
    for (const [place, [, read]] of TILES.entries()) {
      const value = values[place];
      if (value) setText(value, count(read(totals, sample)));
    }
  };
}
