/** The settings of a command line, as an operator would write it. */
import { readCommandLine } from '../../src/settings/command-line';
import type { Settings } from '../../src/settings/table';

export function settingsOf(env: Record<string, string>, argv: string[] = []): Settings {
  const commandLine = readCommandLine(argv, env, '0.0.0');
  if (commandLine.kind !== 'run') throw new Error('it was not told to run');
  return commandLine.settings;
}

/** What a command line complains of. */
export function complaint(env: Record<string, string>, argv: string[] = []): string {
  try {
    settingsOf(env, argv);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('there was nothing to complain of');
}
