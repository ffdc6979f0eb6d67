/**
 * The short form of `npm run chaos`, against the compiled server. What it counts must be right on any machine;
 * its times mean something only on a quiet one, and are printed.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figures } from '../../bench/chaos/bars';

const ROOT = join(__dirname, '..', '..');
const CHAOS = ['-r', 'ts-node/register/transpile-only', 'bench/chaos.ts', '--short', '--json'];
/** Milliseconds. It takes some 30 s where the machine has nothing else to do. */
const TIMEOUT = 120_000;

test(
  'everything at once kills nothing, drops nobody and falsifies no roster',
  async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, CHAOS, {
      cwd: ROOT,
      timeout: TIMEOUT,
    });
    process.stdout.write(stderr);
    const figures: Figures = JSON.parse(stdout);

    expect(figures.troubles).toEqual([]);
    expect(figures.complaints).toEqual([]);
    expect(figures).toMatchObject({ wrongRosters: 0, dropped: 0, exitCode: 0 });
    expect(figures.comparisons).toBeGreaterThan(0);
    expect(figures.frozenGoneAfter).toBeDefined();
    expect(figures.goodbyes).toEqual({ 1001: figures.atEnd });
    expect(Object.entries(figures.attacks).filter(([, count]) => count === 0)).toEqual([]);
  },
  TIMEOUT + 5_000,
);
