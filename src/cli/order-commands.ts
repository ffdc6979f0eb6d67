/** The commands that say who may be where: rules for a room, and bans. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Api } from './api';
import { type Banning, ban, bans, lock, type Ruling, rules, unban, unlock } from './orders';
import type { Surroundings, Where } from './surroundings';

/** Seconds. */
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** That an order lasts at most: 30 days. */
const LONGEST = 30 * 86_400;

type Json = Where & { readonly json?: true };

/** What a command is made with. */
export interface Making {
  readonly command: (usage: string, description: string) => Command;
  /** One that lists a page. */
  readonly listed: (usage: string, description: string) => Command;
  readonly ask: (where: Where, run: (api: Api) => Promise<number>) => Promise<void>;
}

export function addOrderCommands({ command, listed, ask }: Making, io: Surroundings): void {
  command('rules <room>', 'Shows who may be in a room; with options, sets it.')
    .option('--max-size <number>', 'sockets that the room takes', wholeNumber)
    .option('--names <names...>', 'stream names: nobody else may join')
    .addOption(timeOption('--for <time>', 'how long that counts; a day without it'))
    .addOption(
      new Option('--open [rule]', 'opens the room again, or one rule')
        .choices(['locked', 'maxSize', 'names', 'all'])
        .preset('all')
        .conflicts(['maxSize', 'names', 'for']),
    )
    .action((room: string, how: Where & Ruling) => ask(how, (api) => rules(api, room, how, io)));
  command(
    'lock <room>',
    'Lets nobody new into a room. Who is in it stays, and may come back within a minute.',
  )
    .addOption(timeOption('--for <time>', 'how long; a day without it'))
    .action((room: string, how: Json & { readonly for?: number }) =>
      ask(how, (api) => lock(api, room, how, io)),
    );
  command('unlock <room>', 'Lets people into a locked room again.').action((room: string, how: Json) =>
    ask(how, (api) => unlock(api, room, how, io)),
  );
  listed('bans', 'Lists the bans, the oldest first.').action(
    (how: Json & { readonly offset: string; readonly limit: string }) =>
      ask(how, (api) => bans(api, how, io)),
  );
  command('ban [name]', 'Bans a stream name, an address or whose token it is, and closes who is there.')
    .option('--address <address>', 'an address or a network, such as 192.0.2.0/24, in place of a name')
    .option('--subject <sub>', 'the sub of a token, in place of a name')
    .option('--room <room>', 'only from this room; from all without it')
    .addOption(timeOption('--for <time>', 'how long; a day without it'))
    .option('--reason <text>', 'what they are told')
    .action((name: string | undefined, how: Where & Banning) => ask(how, (api) => ban(api, name, how, io)));
  command(
    'unban <id|whom>',
    'Lifts a ban, by its id or by the name, address or subject that is banned.',
  ).action((whom: string, how: Json) => ask(how, (api) => unban(api, whom, how, io)));
}

/** Takes a time, and gives seconds. */
export function timeOption(flags: string, description: string): Option {
  return new Option(flags, `${description} (90s, 10m, 2h, 3d)`).argParser(secondsIn);
}

function secondsIn(text: string): number {
  const [, number, unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  const seconds = Number(number) * (UNITS[unit] ?? Number.NaN);
  if (seconds <= LONGEST) return seconds;
  throw new InvalidArgumentError('It takes a time of up to 30 days, such as 90s, 10m, 2h or 3d.');
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number from 1.');
}
