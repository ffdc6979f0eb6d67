/** The commands against a running host: loaded only for these. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { Api, Failure } from './api';
import { type Kicking, kick, type Page, type RoomOrder, showMembers, showRooms } from './show';
import { BAD_USAGE, DONE, FAILED, INCOMPLETE, NOBODY, type Surroundings } from './surroundings';
import { visible } from './text';
import { watch } from './watch';

const EXAMPLE_URL = 'http://localhost:8001';

const HELP = `
The token comes from ADMIN_TOKEN or METRICS_TOKEN, or from a file whose path is in ADMIN_TOKEN_FILE or
METRICS_TOKEN_FILE. METRICS_TOKEN is enough to look; to remove somebody takes ADMIN_TOKEN.

Exit codes: 0 done; 1 the host is unreachable, or has refused; 2 the command is not valid; 3 there is no such
room, member or stream; 4 a node did not answer, and its part is missing.`;

class BadUsage extends Error {}

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
  const paged = (usage: string, description: string, search: string) =>
    command(usage, description)
      .option('--search <text>', search)
      .option('--offset <number>', 'how many to skip', '0')
      .option('--limit <number>', 'how many to list, up to 500', '50');

  paged('rooms', 'Lists the rooms of all nodes.', 'part of the name of a room, or of a stream in it')
    .addOption(
      new Option('--sort <key>', 'what to sort by')
        .choices(['name', 'members', 'streams', 'since'])
        .default('name'),
    )
    .addOption(new Option('--order <order>', 'which way').choices(['asc', 'desc']).default('asc'))
    .action(async ({ url, ...order }: RoomOrder & Where) => done(await showRooms(apiAt(url, io), order, io)));
  paged(
    'members [room]',
    'Lists the members of a room, or of all.',
    'part of a stream name or an address',
  ).action(async (room: string | undefined, { url, ...page }: Page & Where) =>
    done(await showMembers(apiAt(url, io), room, page, io)),
  );
  command('kick <id|room>', 'Removes a member by its id, or all members of a room, with close code 4403.')
    .option('--room', 'it is a room, though it looks like an id')
    .option('--stream <name>', 'of the room, only this stream, even if its publisher has no socket')
    .action(async (what: string, { url, ...how }: Where & Kicking) =>
      done(await kick(apiAt(url, io), what, how, io)),
    );
  command('watch [room]', 'Follows joins, leaves, refusals and removals as they happen.').action(
    async (room: string | undefined, { url, ...how }: Where & { json?: true }) =>
      done(await watch(apiAt(url, io), room, how, io)),
  );
  return program;
}

interface Where {
  readonly url: string;
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
  if (code === 'no_such_room' || code === 'no_such_member' || code === 'no_such_stream') return NOBODY;
  return code === 'node_unreachable' ? INCOMPLETE : FAILED;
}
