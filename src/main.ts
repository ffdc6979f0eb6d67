#!/usr/bin/env node
/** The process: options, logger, signals and exit code. The only user of `process`. */
import pino, { type Logger } from 'pino';
import { createConferenceHost } from './index';
import { type CommandLine, readCommandLine, type Settings, SettingsError } from './options';
import { version } from './version';

/** Exit codes. A second signal ends the process with 128 + its number, as shells do. */
const STOPPED = 0;
const FAILED = 1;
const BAD_SETTINGS = 2;
const SIGNALS = { SIGINT: 128 + 2, SIGTERM: 128 + 15 } as const;

/** Milliseconds that the last lines of the log have to get out. */
const FLUSH_TIMEOUT = 500;

/** What the system's errors on listening mean to the person who reads them. */
const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'this machine knows no such address',
};

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
  let stopping = false;
  for (const [signal, secondSignal] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (stopping) process.exit(secondSignal);
      stopping = true;
      logger.info({ signal }, 'stopping; a second signal ends it at once');
      host.close().then(() => exit(logger, STOPPED));
    });
  }
  await host.start().catch((error: NodeJS.ErrnoException) => {
    const meaning = LISTEN_ERRORS[error.code ?? ''] ?? error.message;
    const where = `PORT=${options.port}${options.host === undefined ? '' : ` HOST=${options.host}`}`;
    exitWithMessage(`${where} cannot be listened on: ${meaning}`, FAILED);
  });
}

/** Readable on a terminal, JSON elsewhere. Written in the background: a slow reader of the log slows nobody. */
async function createLogger(level: string): Promise<Logger> {
  if (process.stdout.isTTY) {
    const { default: pretty } = await import('pino-pretty');
    return pino({ level }, pretty({ ignore: 'pid,hostname', sync: true }));
  }
  const destination = pino.destination({ dest: 1, sync: false });
  destination.on('error', ignoreLostLog);
  return pino({ level }, destination);
}

/** A full disk or a log reader that went away must not end a meeting. */
function ignoreLostLog(): void {}

function exit(logger: Logger, code: number): void {
  setTimeout(() => process.exit(code), FLUSH_TIMEOUT);
  logger.flush(() => process.exit(code));
}

function exitWithMessage(message: string, code: number): never {
  process.stderr.write(`${message.replace(/^/gm, 'conference-host: ')}\n`);
  process.exit(code);
}

void main();
