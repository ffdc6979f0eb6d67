/** Puts a run's figures into docs/performance.md, between the marks that are there for them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Results } from '../results';
import type { Verdict } from '../targets';
import { FIGURES_HEADER, figureRows } from './figures';
import { markdownTable } from './table';
import { VERDICTS_HEADER, verdictRows } from './verdicts';

const BEGIN = '<!-- figures: written by npm run bench -- --docs -->';
const END = '<!-- end of figures -->';

/**
 * @param folder where performance.md stands, and its plot beside it
 * @throws where the document lacks the marks
 */
export function writeDocs(
  folder: string,
  results: Results,
  verdicts: readonly Verdict[],
  plot: string | undefined,
): void {
  const path = join(folder, 'performance.md');
  writeFileSync(path, withFigures(readFileSync(path, 'utf8'), figuresText(results, verdicts)));
  if (plot !== undefined) writeFileSync(join(folder, 'performance-storm.svg'), plot);
}

/** The document with other figures between its marks. */
export function withFigures(document: string, figures: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document has no place for figures: ${BEGIN} … ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n${figures}\n${document.slice(end)}`;
}

function figuresText(results: Results, verdicts: readonly Verdict[]): string {
  const { cpu, cores, memory, system, node, packages } = results.machine;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return [
    `Measured on ${results.startedAt.slice(0, 10)} with ${cores} cores (${cpu}), ${memory} GB, ${system},`,
    `Node ${node}, ${versions.join(', ')}, in at most ${roundsOf(results)} rounds.`,
    ...(results.quick ? ['A quick run: the figures are rough.'] : []),
    '',
    '![CPU over participants](performance-storm.svg)',
    '',
    markdownTable(FIGURES_HEADER, figureRows(results)),
    '',
    'What it is held to:',
    '',
    markdownTable(VERDICTS_HEADER, verdictRows(verdicts)),
    ...(results.remarks.length === 0 ? [] : ['', ...results.remarks.map((remark) => `- ${remark}.`)]),
  ].join('\n');
}

function roundsOf({ cases }: Results): number {
  return Math.max(...cases.flatMap(({ samples }) => Object.values(samples).map(({ length }) => length)));
}
