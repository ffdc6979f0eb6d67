#!/usr/bin/env node
/** The process: options, logger, signals and exit code. The only user of `process`. */
import pino, { type Logger } from 'pino';
import { type ConferenceHost, createConferenceHost } from './index';
import { escapeControls } from './logging/escape';
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
/** Bytes of the log that may wait to be written. */
const MOST_UNWRITTEN = 4 << 20;

/** What the system's errors on listening mean to the person who reads them. */
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine knows no such address',
};

/** The log, and what writes the rest of it out. */
interface Log {
  readonly logger: Logger;
  readonly flush: (done: () => void) => void;
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
    if (error instanceof SettingsError) exitWithMessage(error.message, BAD_SETTINGS);
    throw error;
  }
}

async function run({ logLevel, ...options }: Settings): Promise<void> {
  const log = await createLogger(logLevel);
  const host = createConferenceHost({ ...options, logger: log.logger });
  exitOnSignals(host, log);
  exitOnCrash(host, log);
  await host.start().catch((error: NodeJS.ErrnoException) => {
    if (error instanceof SettingsError) exitWithMessage(error.message, BAD_SETTINGS);
    if (error.syscall === undefined) throw error;
    const meaning = LISTEN_ERRORS[error.code ?? ''] ?? error.message;
    const where = `PORT=${options.port}${options.host === undefined ? '' : ` HOST=${options.host}`}`;
    exitWithMessage(`${where} cannot be listened on: ${meaning}`, FAILED);
  });
}

/** The first signal stops the host in order, the second one ends the process as it is. */
function exitOnSignals(host: ConferenceHost, log: Log): void {
  let stopping = false;
  for (const [signal, secondSignal] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (stopping) process.exit(secondSignal);
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

/**
 * Readable on a terminal, JSON elsewhere. Written in the background: a slow reader of the log slows nobody, and
 * what it does not take is lost.
 */
async function createLogger(level: string): Promise<Log> {
  // Its `flush` waits for nothing unless there is a length to wait for.
  const destination = pino.destination({ dest: 1, sync: false, minLength: 1, maxLength: MOST_UNWRITTEN });
  destination.on('error', ignoreLostLog);
  // Pino flushes so on a fatal line and on exit, and tries for ever where the reader of the log has gone: the
  // process could then neither be stopped nor crash. `exit` flushes in the background, and for a while only.
  destination.flushSync = () => {};
  const flush = (done: () => void) => destination.flush(done);
  if (!process.stdout.isTTY) return { logger: pino({ level }, destination), flush };
  const { default: pretty } = await import('pino-pretty');
  const hooks = { streamWrite: escapeControls };
  return { logger: pino({ level, hooks }, pretty({ ignore: 'pid,hostname', destination })), flush };
}

/** A full disk or a log reader that went away must not end a meeting. */
function ignoreLostLog(): void {}

/** Ends the process with its exit code, once the log is written. */
function exit({ flush }: Log): void {
  setTimeout(() => process.exit(), FLUSH_TIMEOUT);
  setImmediate(() => flush(() => process.exit()));
}

function exitWithMessage(message: string, code: number): never {
  process.stderr.write(`${message.replace(/^/gm, 'conference-host: ')}\n`);
  process.exit(code);
}

void main();
