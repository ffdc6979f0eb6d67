/** The current figures. */
import type { Sample } from '../../shapes';
import { make, setText } from '../dom';
import { count } from '../format';

const TILES: readonly (readonly [string, (sample: Sample) => number])[] = [
  ['Members', ({ members }) => members],
  ['Rooms', ({ rooms }) => rooms],
  ['Streams', ({ streams }) => streams],
  ['Behind', ({ behind }) => behind],
  ['Joins a second', ({ joins }) => joins],
  ['Leaves a second', ({ leaves }) => leaves],
];

/** @returns a function that shows a sample */
export function makeTiles(container: HTMLElement): (sample: Sample) => void {
  const values = TILES.map(([label]) => {
    const value = make('dd', {}, '–');
    container.append(make('div', {}, make('dt', {}, label), value));
    return value;
  });
  return (sample) => {
    for (const [place, [, read]] of TILES.entries()) {
      const value = values[place];
      if (value) setText(value, count(read(sample)));
    }
  };
}
