#!/usr/bin/env node
/** The process: options, logger, signals and exit code. The only user of `process`. */
import pino, { type Logger } from 'pino';
import { systemClock } from './clock';
import { type ConferenceHost, createConferenceHost } from './index';
import { escapeControls } from './logging/escape';
import { LogOutput, openTerminal } from './logging/output';
import { type CommandLine, readCommandLine } from './settings/command-line';
import { SettingsError } from './settings/resolve';
import type { Settings } from './settings/table';
import { version } from './version';
import { keepYoungGenerationSmall } from './young-generation';

/** Exit codes besides 0. A second signal ends the process with 128 + its number, as shells do. */
const FAILED = 1;
const BAD_SETTINGS = 2;
const SIGNALS = { SIGINT: 128 + 2, SIGTERM: 128 + 15 } as const;

/** Milliseconds that a host has to say goodbye when the process cannot go on. */
const LAST_WORDS = 2_500;
/** Milliseconds that the last lines of the log have to get out. */
const FLUSH_TIMEOUT = 500;

/** What the system's errors on listening mean to the person who reads them. */
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine knows no such address',
};

interface Log {
  readonly logger: Logger;
  readonly output: LogOutput;
}

async function main(): Promise<void> {
  keepYoungGenerationSmall();
  const commandLine = read();
  if (commandLine.kind === 'run') await run(commandLine.settings);
  else process.stdout.write(commandLine.text);
}

function read(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(2), process.env, version);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    say(error.message);
    process.exit(BAD_SETTINGS);
  }
}

async function run({ logLevel, ...options }: Settings): Promise<void> {
  const log = await createLogger(logLevel);
  const host = createConferenceHost({ ...options, logger: log.logger });
  exitOnSignals(host, log);
  exitOnCrash(host, log);
  await host.start().catch((error: NodeJS.ErrnoException) => {
    if (error instanceof SettingsError) return exitWithMessage(error.message, BAD_SETTINGS, log);
    if (error.syscall === undefined) throw error;
    const meaning = LISTEN_ERRORS[error.code ?? ''] ?? error.message;
    const where = `PORT=${options.port}${options.host === undefined ? '' : ` HOST=${options.host}`}`;
    exitWithMessage(`${where} cannot be listened on: ${meaning}`, FAILED, log);
  });
}

/** The first signal stops the host in order, the second one ends the process as it is. */
function exitOnSignals(host: ConferenceHost, log: Log): void {
  let stopping = false;
  for (const [signal, secondSignal] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (stopping) {
        process.exitCode = secondSignal;
        return exit(log);
      }
      stopping = true;
      log.logger.info({ signal }, 'stopping; a second signal ends it at once');
      void host.close().then(() => exit(log));
    });
  }
}

/** What nobody foresaw may have left anything behind: the members are told to go elsewhere, and it ends. */
function exitOnCrash(host: ConferenceHost, log: Log): void {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error: unknown) => {
      log.logger.fatal({ err: error, event }, 'the process cannot go on');
      if (process.exitCode === FAILED) exit(log);
      process.exitCode = FAILED;
      setTimeout(() => exit(log), LAST_WORDS);
      void host.closeNow().finally(() => exit(log));
    });
  }
}

/** A line each: readable on a terminal, JSON elsewhere. */
async function createLogger(level: string): Promise<Log> {
  // Looking at `process.stdout` makes a pipe non-blocking: a write that waits for a reader would keep the process
  // from exiting.
  if (!process.stdout.isTTY) {
    const output = new LogOutput(1, systemClock);
    return { logger: pino({ level }, output), output };
  }
  const { prettyFactory } = await import('pino-pretty');
  const prettify = prettyFactory({ ignore: 'pid,hostname', singleLine: true });
  const hooks = { streamWrite: (line: string) => prettify(escapeControls(line)) };
  const output = new LogOutput(openTerminal(), systemClock);
  return { logger: pino({ level, hooks }, output), output };
}

/** Ends the process with its exit code, once the log is written. What nobody takes in time is lost. */
function exit({ output }: Log): void {
  setTimeout(() => process.exit(), FLUSH_TIMEOUT);
  void output.flush().then(() => process.exit());
}

function exitWithMessage(message: string, code: number, log: Log): void {
  say(message);
  process.exitCode = code;
  exit(log);
}

function say(message: string): void {
  process.stderr.write(`${message.replace(/^/gm, 'conference-host: ')}\n`);
}

void main();
