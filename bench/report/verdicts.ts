/** The targets as rows: bar, what was measured, and whether it is enough. */
import type { Verdict } from '../targets';
import type { Row } from './table';

export const VERDICTS_HEADER: Row = ['target', 'bar', 'measured', ''];

export function verdictRows(verdicts: readonly Verdict[]): Row[] {
  return verdicts.map(({ title, bar, measured, passed }) => [title, bar, measured ?? '–', word(passed)]);
}

function word(passed: boolean | undefined): string {
  if (passed === undefined) return 'not measured';
  return passed ? 'pass' : 'MISS';
}
