/**
 * `npm run chaos`: two minutes of everything at once against the compiled server. Prints what it measured
 * against the bars, and exits with 1 where one is missed. Times mean something on a machine that does
 * nothing else.
 *
 *   --short         half a minute; dead members are looked for sooner, so that one is found in time
 *   --seed 1        what comes, and in which order
 *   --only NAME     one attack alone, to find out what it does
 *   --json          prints the figures as JSON, their table to stderr, and judges nothing
 */
import { parseArgs } from 'node:util';
import { judge, report } from './chaos/bars';
import { run } from './chaos/run';

const LONG = { stretches: 8, stretch: 6, pingInterval: 15, pongTimeout: 10 };
const SHORT = { stretches: 2, stretch: 3.5, pingInterval: 4, pongTimeout: 8 };

/** Exit code: a bar was missed, or the run failed. */
const MISSED = 1;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const figures = await run({
    ...(values.short ? SHORT : LONG),
    seed: Number(values.seed),
    only: values.only,
  });
  if (values.json) {
    process.stderr.write(report(figures));
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  } else {
    process.stdout.write(report(figures));
    if (!judge(figures).every(({ met }) => met)) process.exitCode = MISSED;
  }
}

/** Children are killed on exit, but a signal alone is none. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(MISSED));
void main();
