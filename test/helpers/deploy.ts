/** The files of deploy/, and what the host makes of the variables in them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCommandLine } from '../../src/settings/command-line';
import { type Setting, type Settings, settingsTable } from '../../src/settings/table';
import { temporaryFolder } from './certificates';
import { REPOSITORY } from './package';

const VARIABLES = new Set(Object.values<Setting<unknown>>(settingsTable).map(({ variable }) => variable));
const SECRETS: Readonly<Record<string, string>> = {
  ADMIN_TOKEN_FILE: 'for-tests-Kx8vQz3mWp6R',
  METRICS_TOKEN_FILE: 'for-tests-Rw5tBn9yLd2C',
  REDIS_URL_FILE: 'redis://valkey:6379',
};

/** Seconds that the host may take after `DRAIN_TIMEOUT`, as docs/operations.md says. */
export const TO_STOP = 5;

export const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8');

/** What the host reads from variables, with secrets in files of this machine. All must be settings of ours. */
export function settingsFrom(env: Readonly<Record<string, string>>): Settings {
  const folder = temporaryFolder();
  const unknown = Object.keys(env).filter((name) => !VARIABLES.has(name.replace(/_FILE$/, '')));
  expect(unknown).toEqual([]);
  const here = Object.entries(env).map(([name, value]) => {
    const secret = SECRETS[name];
    if (secret === undefined) return [name, value];
    const file = join(folder, name);
    writeFileSync(file, secret);
    return [name, file];
  });
  const commandLine = readCommandLine([], Object.fromEntries(here), '');
  if (commandLine.kind !== 'run') throw new Error(commandLine.text);
  return commandLine.settings;
}
