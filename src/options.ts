/**
 * Every setting in one table: variable, flag, default, meaning and check. `--help`, the README's table and
 * the options of an embedding program all come from it. The only place that knows a setting's names.
 */
import { Command, CommanderError } from 'commander';
import { compile } from 'proxy-addr';
import { type Kind, list, oneOf, seconds, text, wholeNumber } from './setting-kinds';

export interface Setting<T> {
  /** The environment variable. The flag is the same in kebab case, the embedding option in camel case. */
  readonly variable: string;
  readonly default: T;
  /** Says the default where its value does not. */
  readonly defaultMeans?: string;
  readonly kind: Kind<NonNullable<T>>;
  readonly meaning: string;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** One entry a setting; its value's type is `Settings[name]`. */
export const settingsTable = {
  port: setting<number>({
    variable: 'PORT',
    default: 8001,
    kind: wholeNumber(0, 65_535),
    meaning: 'TCP port to listen on; 0 takes a free one',
  }),
  host: setting<string | undefined>({
    variable: 'HOST',
    default: undefined,
    defaultMeans: 'all interfaces',
    kind: text('an address or a host name', 'address'),
    meaning: 'address to listen on',
  }),
  logLevel: setting<(typeof LOG_LEVELS)[number]>({
    variable: 'LOG_LEVEL',
    default: 'info',
    kind: oneOf(LOG_LEVELS),
    meaning: 'the least severe level that is logged',
  }),
  trustProxy: setting<readonly string[]>({
    variable: 'TRUST_PROXY',
    default: [],
    defaultMeans: 'none',
    kind: list('a comma list of addresses, CIDR ranges, loopback or private', 'proxies', isProxy),
    meaning: 'proxies whose X-Forwarded-For is believed',
  }),
  maxConnections: setting<number>({
    variable: 'MAX_CONNECTIONS',
    default: 20_000,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'sockets on this node; never above its open-files limit less 64',
  }),
  maxConnectionsPerIp: setting<number>({
    variable: 'MAX_CONNECTIONS_PER_IP',
    default: 256,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'sockets from one address, unless it is loopback or private, where proxies live',
  }),
  maxHandshakesPerIp: setting<number>({
    variable: 'MAX_HANDSHAKES_PER_IP',
    default: 50,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'new sockets a second from one address, with the same exception',
  }),
  maxRoomSize: setting<number>({
    variable: 'MAX_ROOM_SIZE',
    default: 5_000,
    kind: wholeNumber(1, 1_000_000),
    meaning: 'sockets in one room',
  }),
  pingInterval: setting<number>({
    variable: 'PING_INTERVAL',
    default: 15,
    kind: seconds(0.01, 3_600),
    meaning: 'seconds of silence after which a peer is pinged',
  }),
  pongTimeout: setting<number>({
    variable: 'PONG_TIMEOUT',
    default: 10,
    kind: seconds(0.01, 3_600),
    meaning: 'seconds of silence after that ping after which it is dropped',
  }),
  drainTimeout: setting<number>({
    variable: 'DRAIN_TIMEOUT',
    default: 0,
    kind: seconds(0, 86_400),
    meaning: 'seconds that a stop lets members stay before they are told to go',
  }),
};

/** All settings, resolved: each has its value, and none can change. */
export type Settings = { readonly [K in keyof typeof settingsTable]: (typeof settingsTable)[K]['default'] };

/** A setting has a value that it does not take; the message has one line for each such setting. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** What a command line asks for: to run, or to print a text and be done. */
export type CommandLine =
  | { readonly kind: 'run'; readonly settings: Settings }
  | { readonly kind: 'print'; readonly text: string };

/** Where a setting's value comes from: undefined where it is not set, a bad one as the complaint about it. */
type Source = (name: string, setting: Setting<unknown>) => Given | undefined;
type Given = { readonly value: unknown } | { readonly complaint: string };

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
    const written = flagged === undefined ? `${setting.variable}=${text}` : `${flagOf(setting)} ${text}`;
    return { complaint: `${written} is not valid: it takes ${setting.kind.takes}` };
  });
  return { kind: 'run', settings };
}

/**
 * Completes the options of an embedding program with the defaults.
 * @throws SettingsError when an option is unknown or has a value that it does not take
 */
export function resolveOptions(options: Readonly<Record<string, unknown>>): Settings {
  const unknown = Object.keys(options).filter((name) => !(name in settingsTable));
  if (unknown.length > 0) throw new SettingsError(`${unknown.join(', ')}: there is no such option`);
  return resolve((name, { kind }) => {
    const value = options[name];
    if (value === undefined) return undefined;
    if (kind.accepts(value)) return { value };
    return { complaint: `${name}: ${String(value)} is not valid: it takes ${kind.takes}` };
  });
}

/** The flag of a setting, such as `--log-level`. */
export function flagOf({ variable }: Pick<Setting<unknown>, 'variable'>): string {
  return `--${variable.toLowerCase().replaceAll('_', '-')}`;
}

/** A setting's default, in words. */
export function defaultOf(setting: Setting<unknown>): string {
  return setting.defaultMeans ?? String(setting.default);
}

/** `private` stands for what `proxy-addr` calls `uniquelocal`: 10/8, 172.16/12, 192.168/16 and fc00::/7. */
function isProxy(item: string): boolean {
  try {
    compile(item === 'private' ? 'uniquelocal' : item);
    return true;
  } catch {
    return false;
  }
}

function setting<T>(entry: Setting<T>): Setting<T> {
  return entry;
}

function resolve(source: Source): Settings {
  const complaints: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(settingsTable)) {
    const given = source(name, setting) ?? { value: setting.default };
    if ('complaint' in given) complaints.push(given.complaint);
    else values[name] = given.value;
  }
  if (complaints.length > 0) throw new SettingsError(complaints.join('\n'));
  return Object.freeze(values) as Settings;
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
    throw new SettingsError(error.message.replace(/^error: /, ''));
  }
}
