/**
 * `npm run chaos`: everything at once against the compiled server. Prints what it measured against the bars,
 * and exits with 1 where one is missed.
 *
 *   --seconds 120   how long; below 60 dead members are looked for sooner, so that one is found in time
 *   --seed 1        what comes, and in which order
 *   --only NAME     one attack alone, to find out what it does
 *   --json          prints the figures as JSON, and judges nothing
 */
import { parseArgs } from 'node:util';
import { judge, report } from './chaos/bars';
import { type Plan, run } from './chaos/run';

const SHORT = 60;
const FULL_PACE = { stretch: 6, pingInterval: 15, pongTimeout: 10 };
const SHORT_PACE = { stretch: 3, pingInterval: 6, pongTimeout: 4 };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '120' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
  const plan: Plan = { seed, seconds, only: values.only, ...(seconds < SHORT ? SHORT_PACE : FULL_PACE) };
  const figures = await run(plan);
  process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : report(figures));
  process.exitCode = values.json || judge(figures).every(({ met }) => met) ? 0 : 1;
}

void main();
