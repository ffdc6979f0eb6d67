/** Flags and environment: the settings as an operator writes them. */
import { Command, CommanderError } from 'commander';
import { resolve, SettingsError, show } from './resolve';
import { defaultOf, flagOf, type Setting, type Settings, settingsTable, variableOf } from './table';

/** What a command line asks for: to run, or to print a text and be done. */
export type CommandLine =
  | { readonly kind: 'run'; readonly settings: Settings }
  | { readonly kind: 'print'; readonly text: string };

/**
 * Reads flags and environment. A flag wins over its variable; an empty variable counts as unset.
 * @throws SettingsError when a flag is unknown or a value is not one that its setting takes
 */
export function readCommandLine(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): CommandLine {
  const parsed = parseFlags(argv, version);
  if (typeof parsed === 'string') return { kind: 'print', text: parsed };
  const settings = resolve((name, setting) => {
    const flagged = parsed[name];
    const text = flagged ?? (env[setting.variable] || undefined);
    if (text === undefined) return undefined;
    const value = setting.kind.parse(text);
    if (value !== undefined) return { value };
    const shown = show(setting, text);
    const written = flagged === undefined ? `${setting.variable}=${shown}` : `${flagOf(setting)} ${shown}`;
    return { complaint: `${written} is not valid: it takes ${setting.kind.takes}` };
  }, variableOf);
  return { kind: 'run', settings };
}

/** The flags that are set, by the setting's name; or the text that `--help` or `--version` prints. */
function parseFlags(argv: readonly string[], version: string): Record<string, string | undefined> | string {
  let printed = '';
  const command = new Command('conference-host')
    .description('Tells the participants of a Red5 Pro conference which streams are live in their room.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => {} });
  for (const setting of Object.values<Setting<unknown>>(settingsTable)) {
    const { kind, meaning, variable } = setting;
    const help = `${meaning} (env: ${variable}, default: ${defaultOf(setting)})`;
    command.option(`${flagOf(setting)} <${kind.placeholder}>`, help);
  }
  try {
    return command.parse(argv, { from: 'user' }).opts();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return printed;
    throw new SettingsError(withoutValue(error.message.replace(/^error: /, '')));
  }
}

/** An unknown flag is shown without its value: `--jwt-secert=…` holds a secret all the same. */
function withoutValue(message: string): string {
  return message.replace(/'(-[^=']*)=.*'/s, "'$1'");
}
