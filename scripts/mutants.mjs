/**
 * Mutation testing: breaks the code in many small ways, and finds the breaks that no test notices. Runs folder by
 * folder, since each must reach its share: `npm run mutants`, `npm run mutants -- client settings`, or one file, which
 * the tests beside it are to notice:
 * `npm run mutants -- settings --mutate src/settings/rules.ts --test settings/rules`.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

/** The folders of src/, with the tests that are to notice: the fast ones, since each runs hundreds of times. */
const TESTS = {
  settings: ['settings/!(random-*|real-*)', 'hooks/settings', 'docs'],
  client: ['client/!(room|asking|faults|real-*)'],
  conference: ['conference/!(random-*)'],
  sockets: ['sockets/*'],
  // Those in virtual time: the others start a Redis.
  backplane: [
    'backplane/{address-lists,anti-entropy,cluster-map,cluster-start,cluster-watch,connection-wire,deltas,digest}',
    'backplane/{digest-exchange,handover,holders,kept-list,keys,ledger-wire,life-cycle,link,list-writer,lists,liveness,membership}',
    'backplane/{merged-order,message,news,node-start,node-status,notes,own-list,own-notes,pacer,problems}',
    'backplane/{question-wire,register-wire,room-reader,room-replica,room-sync,rooms,servers-wire,several-redis}',
    'backplane/{shard-status,shared-room,simulated-shards,slots,small-parts,stored-list,troubles,watching}',
  ],
};
/** What only a real Redis tests, or runs. */
const LEFT_OUT = 'create|ledger-scripts|scripts';
/** Per cent of the mutants that tests must notice, in each folder. */
const LEAST = 85;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mutate: { type: 'string', multiple: true },
    test: { type: 'string', multiple: true },
    static: { type: 'boolean', default: false },
  },
});
const folders = positionals.length > 0 ? positionals : Object.keys(TESTS);

for (const folder of folders) {
  const tests = TESTS[folder];
  if (tests === undefined) throw new Error(`${folder} is none of ${Object.keys(TESTS).join(', ')}`);
  await new Stryker({
    mutate: values.mutate ?? [`src/${folder}/**/*.ts`, `!src/backplane/@(${LEFT_OUT}).ts`],
    testRunner: 'jest',
    jest: {
      // One worker, since Stryker runs two of these at once; and a test that waits in vain ends soon,
      // except where virtual time may take a busy machine longer.
      config: {
        maxWorkers: 1,
        testTimeout: folder === 'backplane' ? 20_000 : 5_000,
        testMatch: (values.test ?? tests).map((test) => `<rootDir>/test/${test}.test.ts`),
      },
    },
    coverageAnalysis: 'perTest',
    ignoreStatic: !values.static,
    concurrency: 2,
    // Outside the repository, where jest would find every file twice.
    tempDirName: join(tmpdir(), 'conference-host-mutants'),
    timeoutMS: 8_000,
    timeoutFactor: 1.5,
    thresholds: { high: 100, low: LEAST, break: LEAST },
    ignorePatterns: ['/bench/results', '/reports'],
    reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
    jsonReporter: { fileName: `reports/mutants/${folder}.json` },
    htmlReporter: { fileName: `reports/mutants/${folder}.html` },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    allowConsoleColors: false,
  }).runMutationTest();
}
