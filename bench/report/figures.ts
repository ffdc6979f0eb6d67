/** The measured figures as rows: the host beside its peers, and how many times it is the plain server. */
import { contestants } from '../contestants';
import { medianOf, type Results, ratioTo } from '../results';
import { times, withUnit } from './numbers';
import type { Row } from './table';

export const FIGURES_HEADER: Row = ['', ...contestants.map(({ name }) => name), 'host / plain-ws'];

export function figureRows({ cases }: Results): Row[] {
  return cases.flatMap((result) =>
    result.measures.map(({ key, title, unit }) => {
      const medians = contestants.map(({ name }) => withUnit(medianOf(result, name, key), unit));
      return [`${result.title}: ${title}`, ...medians, times(ratioTo(result, 'plain-ws', key))];
    }),
  );
}
