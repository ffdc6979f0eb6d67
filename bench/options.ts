/** What the benchmark can be asked for on its command line. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ScenarioName } from './scenario';
import { scenarios } from './scenarios/index';

export interface Options {
  readonly quick: boolean;
  readonly only: readonly ScenarioName[];
  /** At most so many rounds of each case. */
  readonly rounds: number;
  /** Write the figures into docs/performance.md as well. */
  readonly docs: boolean;
}

const names = Object.keys(scenarios).filter((name): name is ScenarioName => name in scenarios);
/** A quick run has no time for these. */
const LONG: readonly ScenarioName[] = [
  'stall',
  'many-rooms',
  'quiet-5000',
  'many-sockets',
  'webhooks',
  'cluster',
];
const quickNames = names.filter((name) => !LONG.includes(name));

/** Ends the process where the command line asks for help or for what there is not. */
export function readOptions(argv: readonly string[]): Options {
  const {
    quick = false,
    only = quick ? quickNames : names,
    rounds = Number.POSITIVE_INFINITY,
    docs = false,
  } = new Command('npm run bench --')
    .description('Measures the conference host beside its peers. Needs Linux, and 6,000 open files.')
    .option('--quick', `fewer rounds and smaller rooms, without ${LONG.join(', ')}; under 60 seconds`)
    .option('--only <list>', `a comma list of: ${names.join(', ')}`, readNames)
    .option('--rounds <number>', 'at most so many rounds of each case', readRounds)
    .addOption(new Option('--docs', 'write the figures into docs/performance.md as well').conflicts('only'))
    .parse(argv, { from: 'user' })
    .opts<Partial<Options>>();
  return { quick, only, rounds, docs };
}

function readNames(list: string): ScenarioName[] {
  return list.split(',').map((word) => {
    const name = names.find((candidate) => candidate === word.trim());
    if (name === undefined) throw new InvalidArgumentError(`It takes a comma list of: ${names.join(', ')}.`);
    return name;
  });
}

function readRounds(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It takes a number from 1 on.');
  return Number(text);
}
