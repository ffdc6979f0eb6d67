#!/usr/bin/env node
/** The process: options, logger, signals and exit code. The only user of `process`. */
import { setFlagsFromString } from 'node:v8';
import pino, { type Logger } from 'pino';
import { type ConferenceHost, createConferenceHost } from './index';
import { type CommandLine, readCommandLine, type Settings, SettingsError } from './options';
import { version } from './version';

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

/**
 * V8 lets the space for new objects grow to 32 MB while thousands join, and never gives it back. Kept at the
 * size it starts with, an idle socket takes half the memory, and joining takes no longer.
 */
setFlagsFromString('--semi-space-growth-factor=1');

async function main(): Promise<void> {
  const commandLine = read();
  if (commandLine.kind === 'run') await run(commandLine.settings);
  else process.stdout.write(commandLine.text);
}

function read(): CommandLine {
  try {
    return readCommandLine(process.argv.slice(2), process.env, version);
  } catch (error) {
    if (error instanceof SettingsError) exitWithMessage(error.message, BAD_SETTINGS);
    throw error;
  }
}

async function run({ logLevel, ...options }: Settings): Promise<void> {
  const logger = await createLogger(logLevel);
  const host = createConferenceHost({ ...options, logger });
  exitOnSignals(host, logger);
  exitOnCrash(host, logger);
  await host.start().catch((error: NodeJS.ErrnoException) => {
    if (error instanceof SettingsError) exitWithMessage(error.message, BAD_SETTINGS);
    const meaning = LISTEN_ERRORS[error.code ?? ''] ?? error.message;
    const where = `PORT=${options.port}${options.host === undefined ? '' : ` HOST=${options.host}`}`;
    exitWithMessage(`${where} cannot be listened on: ${meaning}`, FAILED);
  });
}

/** The first signal stops the host in order, the second one ends the process as it is. */
function exitOnSignals(host: ConferenceHost, logger: Logger): void {
  let stopping = false;
  for (const [signal, secondSignal] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (stopping) process.exit(secondSignal);
      stopping = true;
      logger.info({ signal }, 'stopping; a second signal ends it at once');
      void host.close().then(() => exit(logger));
    });
  }
}

/** What nobody foresaw may have left anything behind: the members are told to go elsewhere, and it ends. */
function exitOnCrash(host: ConferenceHost, logger: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error, event }, 'the process cannot go on');
      if (process.exitCode === FAILED) exit(logger);
      process.exitCode = FAILED;
      setTimeout(() => exit(logger), LAST_WORDS);
      void host.closeNow().finally(() => exit(logger));
    });
  }
}

/** Readable on a terminal, JSON elsewhere. Written in the background: a slow reader of the log slows nobody. */
async function createLogger(level: string): Promise<Logger> {
  if (process.stdout.isTTY) {
    const { default: pretty } = await import('pino-pretty');
    return pino({ level }, pretty({ ignore: 'pid,hostname', sync: true }));
  }
  const destination = pino.destination({ dest: 1, sync: false });
  destination.on('error', ignoreLostLog);
  // Pino flushes so on a fatal line and on exit, and tries for ever where the reader of the log has gone: the
  // process could then neither be stopped nor crash. `exit` flushes in the background, and for a while only.
  destination.flushSync = () => {};
  return pino({ level }, destination);
}

/** A full disk or a log reader that went away must not end a meeting. */
function ignoreLostLog(): void {}

/** Ends the process with its exit code, once the log is written. */
function exit(logger: Logger): void {
  setTimeout(() => process.exit(), FLUSH_TIMEOUT);
  logger.flush(() => process.exit());
}

function exitWithMessage(message: string, code: number): never {
  process.stderr.write(`${message.replace(/^/gm, 'conference-host: ')}\n`);
  process.exit(code);
}

void main();
