/**
 * Runs many seeds, three virtual minutes each: `npm run simulate -- --seeds 10000`. A seed that fails is printed with
 * the steps that make it fail: `npm run simulate -- --from 4711 --seeds 1` does the same again.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Share, Told } from './share';

/** Failing seeds that each process shrinks and prints in full; of the others only the first line is. */
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
  const processes = Math.min(availableParallelism(), seeds);
  const startedAt = performance.now();
  const shares = Array.from({ length: processes }, (_, index) =>
    run({ first: from + index, end: from + seeds, every: processes, shown }),
  );
  const failed = (await Promise.all(shares)).reduce((sum, one) => sum + one, 0);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  console.log(`${seeds} seeds, ${failed} failed, ${seconds} s`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** @returns how many of its seeds have failed */
async function run(share: Share): Promise<number> {
  const child: ChildProcess = fork(join(__dirname, 'share.ts'), [JSON.stringify(share)]);
  let failed = 0;
  child.on('message', ({ lines }: Told) => {
    failed++;
    console.log(lines.join('\n'));
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`a process that ran seeds has ended with ${code}`);
  return failed;
}

void main();
