/** The commands against a running host: loaded only for these. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { Api, Failure } from './api';
import { addOrderCommands, timeOption } from './order-commands';
import { type Kicking, kick, type Page, type RoomOrder, showMembers, showRooms } from './show';
import {
  BAD_USAGE,
  BadUsage,
  DONE,
  FAILED,
  INCOMPLETE,
  NOBODY,
  type Surroundings,
  type Where,
} from './surroundings';
import { visible } from './text';
import { watch } from './watch';

const EXAMPLE_URL = 'http://localhost:8001';

const HELP = `
The token comes from ADMIN_TOKEN or METRICS_TOKEN, or from a file whose path is in ADMIN_TOKEN_FILE or
METRICS_TOKEN_FILE. METRICS_TOKEN is enough to look; to remove, lock or ban takes ADMIN_TOKEN.

Exit codes: 0 done; 1 the host is unreachable, or has refused; 2 the command is not valid; 3 there is no such
room, member, stream, rule or ban; 4 a node did not answer, and its part is missing.`;

/** @param argv the command and what follows. @returns the exit code */
export async function runCommand(argv: readonly string[], io: Surroundings): Promise<number> {
  let code = DONE;
  const program = newProgram(io, (done) => {
    code = done;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : BAD_USAGE;
    if (!(error instanceof Failure || error instanceof BadUsage)) throw error;
    io.err(`conference-host: ${visible(error.message)}\n`);
    return error instanceof BadUsage ? BAD_USAGE : exitCodeOf(error);
  }
}

function newProgram(io: Surroundings, done: (code: number) => void): Command {
  const program = new Command('conference-host').exitOverride().configureOutput({
    writeOut: io.out,
    writeErr: io.err,
    outputError: (text, write) => write(text.replace(/^error: /, 'conference-host: ')),
  });
  const command = (usage: string, description: string) =>
    program
      .command(usage)
      .description(description)
      .addOption(urlOption(io))
      .option('--json', 'print the answer as JSON')
      .addHelpText('after', HELP);
  const listed = (usage: string, description: string) =>
    command(usage, description)
      .option('--offset <number>', 'how many to skip', '0')
      .option('--limit <number>', 'how many to list, up to 500', '50');
  const paged = (usage: string, description: string, search: string) =>
    listed(usage, description).option('--search <text>', search);
  const ask = async ({ url }: Where, run: (api: Api) => Promise<number>) => done(await run(apiAt(url, io)));

  paged('rooms', 'Lists the rooms of all nodes.', 'part of the name of a room, or of a stream in it')
    .addOption(
      new Option('--sort <key>', 'what to sort by')
        .choices(['name', 'members', 'streams', 'since'])
        .default('name'),
    )
    .addOption(new Option('--order <order>', 'which way').choices(['asc', 'desc']).default('asc'))
    .action(({ url, ...order }: RoomOrder & Where) => ask({ url }, (api) => showRooms(api, order, io)));
  paged(
    'members [room]',
    'Lists the members of a room, or of all.',
    'part of a stream name or an address',
  ).action((room: string | undefined, { url, ...page }: Page & Where) =>
    ask({ url }, (api) => showMembers(api, room, page, io)),
  );
  command('kick <id|room>', 'Removes a member by its id, or all members of a room, with close code 4403.')
    .option('--room', 'it is a room, though it looks like an id')
    .option('--stream <name>', 'of the room, only this stream, even if its publisher has no socket')
    .addOption(timeOption('--ban <time>', 'bans the name from the room for as long'))
    .action((what: string, { url, ...how }: Where & Kicking) =>
      ask({ url }, (api) => kick(api, what, how, io)),
    );
  addOrderCommands({ command, listed, ask }, io);
  command('watch [room]', 'Follows joins, leaves, refusals, removals and orders as they happen.').action(
    (room: string | undefined, { url, ...how }: Where & { json?: true }) =>
      ask({ url }, (api) => watch(api, room, how, io)),
  );
  return program;
}

/** By default the host of the same environment, as in its container. */
function urlOption({ env }: Surroundings): Option {
  const port = /^[1-9]\d{0,4}$/.test(env.PORT ?? '') ? env.PORT : 8001;
  return new Option('--url <url>', 'where a node of the cluster is').default(`http://localhost:${port}`);
}

/** @throws BadUsage */
function apiAt(url: string, { env }: Surroundings): Api {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new BadUsage(`--url ${url} is not valid: it takes an address such as ${EXAMPLE_URL}`);
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    throw new BadUsage('--url takes no user and no password: the token goes into ADMIN_TOKEN');
  const token = tokenIn(env, 'ADMIN_TOKEN') ?? tokenIn(env, 'METRICS_TOKEN');
  if (token === undefined) throw new BadUsage('a token is needed: set ADMIN_TOKEN or ADMIN_TOKEN_FILE');
  return new Api(new URL(url.endsWith('/') ? url : `${url}/`), token);
}

function tokenIn(env: Surroundings['env'], variable: string): string | undefined {
  const file = env[`${variable}_FILE`];
  if (file === undefined || file === '') return env[variable] || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new BadUsage(`${variable}_FILE=${file} cannot be read: ${(error as Error).message}`);
  }
}

function exitCodeOf({ code }: Failure): number {
  if (code?.startsWith('no_such_')) return NOBODY;
  return code === 'node_unreachable' ? INCOMPLETE : FAILED;
}
