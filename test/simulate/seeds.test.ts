import * as childProcess from 'node:child_process';
import { promisify } from 'node:util';
import { planOf, type Step } from '../../simulate/plan';
import { shrink } from '../../simulate/shrink';
import { World } from '../../simulate/world';

const execFile = promisify(childProcess.execFile);
/** What `npm run simulate` runs. */
const SIMULATE = ['-r', 'ts-node/register/transpile-only', 'simulate/main.ts'];
const SEEDS = 200;
/** Milliseconds that they may take on a machine that has other things to do. */
const PATIENCE = 600_000;

describe('the simulator', () => {
  /** In a process of its own: the same code takes four times as long in the sandbox of a test. */
  test(
    `finds nothing in ${SEEDS} seeds`,
    async () => {
      const { stdout } = await execFile(process.execPath, [...SIMULATE, '--seeds', `${SEEDS}`]).catch(
        (error: { readonly stdout: string }) => error,
      );
      expect(stdout).toMatch(new RegExp(`^${SEEDS} seeds, 0 failed, \\d+ s\n$`));
    },
    PATIENCE,
  );

  test('does the same for the same seed, to the millisecond, and another thing for another', async () => {
    const checksums: number[] = [];
    for (const seed of [7, 7, 8]) {
      const world = new World(planOf(seed));
      await world.run();
      checksums.push(world.checksum);
    }
    expect(checksums[0]).toBe(checksums[1]);
    expect(checksums[0]).not.toBe(checksums[2]);
  });

  test('makes a failing run shorter until each of its steps is needed', async () => {
    const plan = planOf(3);
    const needed: Step[] = [2, 5, 11].flatMap((at) => plan.steps.slice(at, at + 1));
    const shrunk = await shrink(plan, async ({ steps }) => needed.every((step) => steps.includes(step)));
    expect(shrunk).toEqual({ ...plan, steps: needed });
  });
});
