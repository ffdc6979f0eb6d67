#!/usr/bin/env node
/** The process: options, logger, signals and exit code. The only file that uses `process`. */
import pino, { type Logger } from 'pino';
import { systemClock } from './clock';
import { type ConferenceHost, createConferenceHost } from './index';
import { LogOutput, openTerminal } from './logging/output';
import { COMMANDS, type CommandLine, DEMO, readCommandLine } from './settings/command-line';
import { SettingsError } from './settings/resolve';
import type { Settings } from './settings/table';
import { version } from './version';
import { keepYoungGenerationSmall } from './young-generation';

/** Exit codes besides 0. A second signal ends the process with 128 + its number, as shells do. */
const FAILED = 1;
const BAD_SETTINGS = 2;
const SIGNALS = { SIGINT: 128 + 2, SIGTERM: 128 + 15 } as const;

/** Milliseconds for the host to close its members after a fatal error. */
const LAST_WORDS = 2_500;
/** Milliseconds to write the last lines of the log. */
const FLUSH_TIMEOUT = 500;

/** The system's errors on listening, in plain words. */
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is already in use by another program',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'cannot be used: this machine does not have that address',
  ENOTFOUND: 'cannot be used: that host name is unknown',
};

interface Log {
  readonly logger: Logger;
  readonly output: LogOutput;
}

type Run = Extract<CommandLine, { kind: 'run' }>;

async function main(): Promise<void> {
  const [command = '', ...rest] = process.argv.slice(2);
  if (COMMANDS.has(command)) return runCommand([command, ...rest]);
  keepYoungGenerationSmall();
  if (command === DEMO) return runDemo(rest);
  const commandLine = orExit(() => readCommandLine(process.argv.slice(2), process.env, version));
  if (commandLine.kind === 'run') await run(commandLine);
  else process.stdout.write(commandLine.text);
}

/** A host whose rooms have participants; what that takes is loaded only now. */
async function runDemo(argv: readonly string[]): Promise<void> {
  const { Demo, demoLines, demoSettings } = require('./demo/demo') as typeof import('./demo/demo');
  const given = orExit(() => readCommandLine(argv, process.env, version));
  if (given.kind === 'print') return void process.stdout.write(given.text);
  const settings = orExit(() => demoSettings(given.settings));
  const host = await run({ ...given, settings });
  if (host === undefined) return;
  new Demo(host.address, settings, systemClock).start();
  process.stdout.write(demoLines(host.address, settings, given.settings, version));
}

/** Asks a running host; what that takes is loaded only now. */
async function runCommand(argv: readonly string[]): Promise<void> {
  const { runCommand } = require('./cli/run') as typeof import('./cli/run');
  // Whoever reads may stop reading: `conference-host watch | head -1`.
  process.stdout.on('error', () => process.exit());
  process.exitCode = await runCommand(argv, {
    env: process.env,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
}

/** Settings that are not valid end the process. */
function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    say(error.message);
    process.exit(BAD_SETTINGS);
  }
}

/** @returns the host once it listens; undefined if it cannot, and the process is about to exit */
async function run({ settings, misspelt }: Run): Promise<ConferenceHost | undefined> {
  const { logLevel, ...options } = settings;
  const log = createLogger(settings);
  for (const { variable, meant } of misspelt)
    log.logger.warn(`${variable} is not a setting and is ignored: did you mean ${meant}?`);
  const host = createConferenceHost({ ...options, logger: log.logger });
  exitOnSignals(host, log);
  exitOnCrash(host, log);
  try {
    await host.start();
    return host;
  } catch (error) {
    exitOnFailedStart(error as NodeJS.ErrnoException, settings, log);
  }
}

function exitOnFailedStart(error: NodeJS.ErrnoException, { port, host }: Settings, log: Log): void {
  if (error instanceof SettingsError) exitWithMessage(error.message, BAD_SETTINGS, log);
  else if (error.syscall === undefined) throw error;
  else {
    const where = `Port ${port}${host === undefined ? '' : ` on ${host}`}`;
    const problem = LISTEN_ERRORS[error.code ?? ''] ?? `cannot be used: ${error.message}`;
    exitWithMessage(`${where} ${problem}`, FAILED, log);
  }
}

/** The first signal stops the host gracefully, the second ends the process at once. */
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

/** After an unexpected error the state cannot be trusted: close all members with 1001, then exit. */
function exitOnCrash(host: ConferenceHost, log: Log): void {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error: unknown) => {
      log.logger.fatal({ err: error, event }, 'unexpected error: the process stops');
      if (process.exitCode === FAILED) exit(log);
      process.exitCode = FAILED;
      setTimeout(() => exit(log), LAST_WORDS);
      void host.closeNow().finally(() => exit(log));
    });
  }
}

/** One line per event: readable on a terminal, JSON elsewhere. */
function createLogger(settings: Settings): Log {
  const { logLevel: level } = settings;
  // Reading `process.stdout` makes a pipe non-blocking. A blocking write to a stalled reader would prevent the exit.
  if (!process.stdout.isTTY) {
    const output = new LogOutput(1, systemClock);
    return { logger: pino({ level }, output), output };
  }
  const { terminalLog } = require('./logging/terminal') as typeof import('./logging/terminal');
  const hooks = { streamWrite: terminalLog(settings, version) };
  const output = new LogOutput(openTerminal(), systemClock);
  return { logger: pino({ level, hooks }, output), output };
}

/** Exits once the log is written, or after `FLUSH_TIMEOUT` without the rest of it. */
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
