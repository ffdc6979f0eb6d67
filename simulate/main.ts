/**
 * Runs many seeds, three virtual minutes each: `npm run simulate -- --seeds 10000`. A seed that fails is printed with
 * the steps that make it fail: `npm run simulate -- --from 4711 --seeds 1` does the same again.
 */
import { parseArgs } from 'node:util';
import { describeStep, planOf } from './plan';
import { shrink } from './shrink';
import { World } from './world';

/** Failing seeds that are shrunk and printed in full; of the others only the first line is. */
const SHOWN = 3;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      shown: { type: 'string', default: String(SHOWN) },
    },
  });
  const [from, seeds, shown] = [Number(values.from), Number(values.seeds), Number(values.shown)];
  const startedAt = performance.now();
  let failed = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const plan = planOf(seed);
    const violation = await new World(plan).run();
    if (violation === undefined) continue;
    failed++;
    console.log(`seed ${seed}: ${violation}`);
    if (failed > shown) continue;
    const shrunk = await shrink(plan, async (candidate) => (await new World(candidate).run()) !== undefined);
    console.log(`  with these steps alone: ${await new World(shrunk).run()}`);
    for (const step of shrunk.steps) console.log(`  ${describeStep(step)}`);
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${seeds} seeds, ${failed} failed, ${seconds} s`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
