/** The benchmark: measures the host beside its peers in one run, and reports. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { obstacleTo } from './cluster';
import { describeMachine } from './machine';
import { readOptions } from './options';
import { ProgressLines } from './progress';
import { writeDocs } from './report/docs';
import { FIGURES_HEADER, figureRows } from './report/figures';
import { stormPlot } from './report/storm-plot';
import { textTable } from './report/table';
import { VERDICTS_HEADER, verdictRows } from './report/verdicts';
import type { CaseResult, Results } from './results';
import { playCase } from './runner';
import { scenarios } from './scenarios/index';
import { judge } from './targets';

/** Compiled, this file stands in bench/dist/. */
const ROOT = join(__dirname, '..', '..');
const RESULTS = join(ROOT, 'bench', 'results');

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const startedAt = new Date().toISOString();
  const progress = new ProgressLines();
  const cases: CaseResult[] = [];
  for (const name of options.only) {
    for (const game of scenarios[name](options)) {
      const obstacle = obstacleTo(game);
      if (obstacle !== undefined) {
        progress.remark(`${game.title} is left out: ${obstacle}`);
        continue;
      }
      const rounds = Math.min(game.rounds, options.rounds);
      cases.push(await playCase({ ...game, rounds }, cases.length, progress));
    }
  }
  const { quick } = options;
  report({ startedAt, quick, machine: describeMachine(), cases, remarks: progress.remarks }, options.docs);
}

function report(results: Results, docs: boolean): void {
  const verdicts = judge(results);
  const plot = stormPlot(results);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'latest.json'), `${JSON.stringify({ ...results, verdicts }, null, 2)}\n`);
  if (plot !== undefined) writeFileSync(join(RESULTS, 'storm.svg'), plot);
  if (docs) writeDocs(join(ROOT, 'docs'), results, verdicts, plot);

  const { cpu, cores, node, packages } = results.machine;
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  const parts = [
    textTable(FIGURES_HEADER, figureRows(results)),
    textTable(VERDICTS_HEADER, verdictRows(verdicts)),
    ...results.remarks.map((remark) => `! ${remark}`),
    `Medians. ${cores} × ${cpu}, node ${node}, ${versions.join(', ')}. All log to a file, the host as it is shipped.`,
    `Written: ${RESULTS}`,
  ];
  process.stdout.write(`\n${parts.join('\n\n')}\n`);
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
