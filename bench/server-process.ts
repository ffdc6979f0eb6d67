/** A server as a process of its own, watched from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds, residentBytes } from './process-figures';

/** Milliseconds in which a server must listen. */
const START_TIMEOUT = 10_000;
/** Milliseconds between two looks at whether it does. */
const LOOK_INTERVAL = 2;
/** A server that listens is at rest when it has used less than these seconds of CPU time for so many milliseconds. */
const REST = { cpu: 0.002, interval: 100 };
/** Milliseconds in which it must rest. */
const REST_TIMEOUT = 5_000;

/** They end with the benchmark, however it ends; a signal alone would end it without `exit`. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
process.once('SIGINT', () => process.exit(128 + 2));
process.once('SIGTERM', () => process.exit(128 + 15));

/** What runs a server. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment but for `PATH`. */
  readonly env?: Readonly<Record<string, string>>;
}

export class ServerProcess {
  readonly port: number;
  /** Seconds from spawning to listening. */
  readonly startedIn: number;
  /** Rejects when the process ends before it is stopped. */
  readonly ended: Promise<never>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #pid: number;
  #stopped = false;

  private constructor(child: ChildProcess, pid: number, port: number, startedIn: number, name: string) {
    this.#name = name;
    this.#child = child;
    this.#pid = pid;
    this.port = port;
    this.startedIn = startedIn;
    this.ended = new Promise((_resolve, reject) => {
      child.once('exit', (code, signal) => {
        if (!this.#stopped) reject(new Error(`${name} ended with ${signal ?? `exit code ${code}`}`));
      });
    });
    this.ended.catch(() => {});
  }

  /**
   * Done when the server listens.
   * @param command what makes it listen on a port
   */
  static async start(name: string, command: (port: number) => Command): Promise<ServerProcess> {
    const port = await freePort();
    const { program, args, env } = command(port);
    const spawnedAt = performance.now();
    const output = openNameless();
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', output, 'inherit'],
    });
    closeSync(output);
    running.add(child);
    child.once('exit', () => running.delete(child));
    await listening(child, port, name).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
    const startedIn = (performance.now() - spawnedAt) / 1000;
    if (child.pid === undefined) throw new Error(`${name} has no process`);
    return new ServerProcess(child, child.pid, port, startedIn, name);
  }

  /** Done when the server rests: what it still loads after it listens is not the cost of those who join. */
  async rest(): Promise<void> {
    await Promise.race([this.#untilRested(), this.ended]);
  }

  async #untilRested(): Promise<void> {
    const giveUpAt = performance.now() + REST_TIMEOUT;
    for (;;) {
      const before = this.cpuSeconds;
      await sleep(REST.interval);
      if (this.cpuSeconds - before < REST.cpu) return;
      if (performance.now() > giveUpAt)
        throw new Error(`${this.#name} did not rest within ${REST_TIMEOUT} ms`);
    }
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.#pid);
  }

  get residentBytes(): { now: number; peak: number } {
    return residentBytes(this.#pid);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** A file for what a server logs, gone as soon as nobody has it open. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'conference-host-bench-'));
  const file = openSync(join(folder, 'output'), 'w');
  rmSync(folder, { recursive: true });
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(child: ChildProcess, port: number, name: string): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT;
  while (!(await accepts(port))) {
    const { exitCode, signalCode } = child;
    if (exitCode !== null || signalCode !== null) {
      throw new Error(`${name} did not start: ${signalCode ?? `exit code ${exitCode}`}`);
    }
    if (performance.now() > giveUpAt) throw new Error(`${name} did not listen within ${START_TIMEOUT} ms`);
    await sleep(LOOK_INTERVAL);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
