/** Reads the settings from flags and environment. */
import { Command, CommanderError, Option } from 'commander';
import { complaintOf } from './kinds';
import { type Misspelt, misspeltVariables } from './misspelt';
import { forgotten, type Given, isForgotten, resolve, SettingsError, show } from './resolve';
import { readSecretFile } from './secret-file';
import { defaultOf, flagOf, type Setting, type Settings, settingsTable, variableOf } from './table';
import { userFolder } from './user-folders';

/** Run, or print a text and exit. */
export type CommandLine =
  | { readonly kind: 'run'; readonly settings: Settings; readonly misspelt: readonly Misspelt[] }
  | { readonly kind: 'print'; readonly text: string };

type Environment = Readonly<Record<string, string | undefined>>;
type Flags = Readonly<Record<string, string | undefined>>;

/** A value and where it came from: `ADMIN_TOKEN` and `=`, or `--admin-token` and a space. */
interface Written {
  readonly label: string;
  readonly between: '=' | ' ';
  readonly text: string;
}

const SECRETS = Object.values<Setting<unknown>>(settingsTable).filter(({ secret }) => secret);

const FILES_HELP = `A secret can come from a file: append _FILE to its variable, or -file to its flag, and give
the path (ADMIN_TOKEN_FILE=/run/secrets/admin-token). Secrets are:
${SECRETS.map(({ variable }) => variable).join(', ')}`;

/** Commands against a running host, which `cli/` knows: without one, the program is the host. */
export const COMMANDS: ReadonlyMap<string, string> = new Map([
  ['rooms', 'lists the rooms of all nodes'],
  ['members', 'lists the members of a room, or of all'],
  ['kick', 'removes a member, or all members of a room'],
  ['rules', 'shows who may be in a room, and sets it'],
  ['lock', 'lets nobody new into a room'],
  ['unlock', 'lets people into a locked room again'],
  ['bans', 'lists the bans'],
  ['ban', 'bans a name, an address or whose token it is, and closes who is there'],
  ['unban', 'lifts a ban'],
  ['watch', 'follows joins, leaves, refusals, removals and orders'],
]);

/** The command that starts a host, with the settings of one, and fills its rooms. */
export const DEMO = 'demo';

/** Without what was written: it may be a secret. */
const NO_COMMAND = `an argument is neither a flag nor a command: the commands are ${[...COMMANDS.keys()].join(', ')} and ${DEMO}, and come first`;

const COMMANDS_HELP = `To see a host at work, start one whose rooms have participants: conference-host ${DEMO}

Commands ask a host that runs, and have a help of their own (conference-host rooms --help):
${[...COMMANDS].map(([name, meaning]) => `  ${name.padEnd(8)} ${meaning}`).join('\n')}`;

/**
 * Reads flags, environment and secret files. A flag wins over its variable. An empty variable counts as unset, unless
 * it guards a door.
 * @throws SettingsError when a flag is unknown, a value is not valid, or a file cannot be read
 */
export function readCommandLine(argv: readonly string[], env: Environment, version: string): CommandLine {
  const flags = parseFlags(argv, version);
  if (typeof flags === 'string') return { kind: 'print', text: flags };
  const settings = resolve((name, setting) => {
    const folder = userFolder(name, env);
    const value = find(flags[name], env, setting);
    if (value === undefined && folder !== undefined) return { value: folder };
    const file = setting.secret ? find(flags[`${name}File`], env, fileOf(setting)) : undefined;
    return read(setting, value, file);
  }, variableOf);
  return { kind: 'run', settings, misspelt: misspeltVariables(env) };
}

function find(
  flagged: string | undefined,
  env: Environment,
  setting: Pick<Setting<unknown>, 'variable' | 'guards'>,
): Written | undefined {
  if (flagged !== undefined) return { label: flagOf(setting), between: ' ', text: flagged };
  const text = env[setting.variable];
  const isUnset = text === undefined || (text === '' && setting.guards === undefined);
  return isUnset ? undefined : { label: setting.variable, between: '=', text };
}

/** The setting for a secret's file. */
function fileOf<T extends Pick<Setting<unknown>, 'variable'>>(setting: T): T {
  return { ...setting, variable: `${setting.variable}_FILE` };
}

function read(setting: Setting<unknown>, value?: Written, file?: Written): Given | undefined {
  const empty = [value, file].find((given) => given !== undefined && isForgotten(setting, given.text));
  if (empty !== undefined) return { complaint: forgotten(empty.label) };
  if (value === undefined) return file && readFile(setting, file);
  if (file === undefined) return parse(setting, value.text, written(value, show(setting, value.text)));
  return { complaint: `${value.label} and ${file.label} exclude each other: set one of them` };
}

function readFile(setting: Setting<unknown>, file: Written): Given {
  const path = written(file, file.text);
  const found = readSecretFile(file.text);
  if ('problem' in found) return { complaint: `${path} is not valid: ${found.problem}` };
  return parse(setting, found.text, `${path}: ${show(setting, found.text)}`);
}

function written({ label, between }: Written, text: string): string {
  return `${label}${between}${text}`;
}

function parse({ kind }: Setting<unknown>, text: string, shown: string): Given {
  const value = kind.parse(text);
  return value === undefined ? { complaint: `${shown} ${complaintOf(kind, text)}` } : { value };
}

/** The flags given, by setting; or the text for `--help` or `--version`. */
function parseFlags(argv: readonly string[], version: string): Flags | string {
  let printed = '';
  const command = new Command('conference-host')
    .description('Tells the participants of a Red5 Pro conference which streams are live in their room.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\n${COMMANDS_HELP}\n\n${FILES_HELP}`)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (printed += text), writeErr: () => {} });
  for (const option of Object.values<Setting<unknown>>(settingsTable).flatMap(optionsOf)) {
    command.addOption(option);
  }
  try {
    return command.parse(argv, { from: 'user' }).opts();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return printed;
    if (error.code === 'commander.excessArguments') throw new SettingsError(NO_COMMAND);
    throw new SettingsError(withoutValue(error.message.replace(/^error: /, '')));
  }
}

function optionsOf(setting: Setting<unknown>): Option[] {
  const { kind, meaning, variable, secret } = setting;
  const help = `${meaning} (env: ${variable}, default: ${defaultOf(setting)})`;
  const option = new Option(`${flagOf(setting)} <${kind.placeholder}>`, help);
  return secret ? [option, new Option(`${flagOf(fileOf(setting))} <path>`).hideHelp()] : [option];
}

/** Removes the value of an unknown flag: `--jwt-secert=…` holds a secret too. */
function withoutValue(message: string): string {
  return message.replace(/'(--[^=']*)=.*'/s, "'$1'").replace(/'(-[^-]).+'/s, "'$1…'");
}
