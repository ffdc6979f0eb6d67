/** The current figures: what there is on all nodes, and what this one does. */

import type { Sample, Totals } from '../../shapes';
import { make, setText } from '../dom';
import { count } from '../format';

const TILES: readonly (readonly [string, (totals: Totals, sample: Sample) => number])[] = [
  ['Members', ({ members }) => members],
  ['Rooms', ({ rooms }) => rooms],
  ['Streams', ({ streams }) => streams],
  ['Slow', (_, { behind }) => behind],
  ['Joins a second', (_, { joins }) => joins],
  ['Leaves a second', (_, { leaves }) => leaves],
];

/** @returns a function that shows the newest figures */
export function makeTiles(container: HTMLElement): (totals: Totals, sample: Sample) => void {
  const values = TILES.map(([label]) => {
    const value = make('dd', {}, '–');
    container.append(make('div', {}, make('dt', {}, label), value));
    return value;
  });
  return (totals, sample) => {
    for (const [place, [, read]] of TILES.entries()) {
      const value = values[place];
      if (value) setText(value, count(read(totals, sample)));
    }
  };
}
