/** A part of the seeds, in a process of its own. */
import { describeStep, planOf } from './plan';
import { shrink } from './shrink';
import { World } from './world';

export interface Share {
  readonly first: number;
  /** The first seed that is not run any more. */
  readonly end: number;
  readonly every: number;
  /** Failing seeds that are shrunk. */
  readonly shown: number;
}

/** What is said of a seed that fails. */
export interface Told {
  readonly lines: readonly string[];
}

async function run({ first, end, every, shown }: Share): Promise<void> {
  let failed = 0;
  for (let seed = first; seed < end; seed += every) {
    const plan = planOf(seed);
    const violation = await new World(plan).run();
    if (violation === undefined) continue;
    failed++;
    const lines = [`seed ${seed}: ${violation}`];
    if (failed <= shown) {
      const shrunk = await shrink(plan, async (other) => (await new World(other).run()) !== undefined);
      lines.push(`  with these steps alone: ${await new World(shrunk).run()}`);
      lines.push(...shrunk.steps.map((step) => `  ${describeStep(step)}`));
    }
    process.send?.({ lines } satisfies Told);
  }
}

const [, , share = ''] = process.argv;
void run(JSON.parse(share)).then(() => process.disconnect());
