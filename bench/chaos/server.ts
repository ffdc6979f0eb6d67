/** The compiled server as a child process, watched from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Meter, peak } from '../meter';

const ROOT = join(__dirname, '..', '..');
const STALLS = join(__dirname, 'stalls.cjs');
/** Milliseconds that the server has to end after SIGTERM. */
const EXIT_TIMEOUT = 10_000;
/** Milliseconds that it has to answer what is asked over the channel. */
const ANSWER_TIMEOUT = 10_000;
/** Open files: enough for the crowd and for all attackers who join at once, and few enough for hoarders to want them all. */
const FILES = 2_048;
/** Each member's own lines: who may join is logged, as often as they come and go. */
const OF_MEMBERS = /"msg":"(joined|left)"/;
/** Log lines kept to be shown when it dies. */
const KEPT_LINES = 20;

export interface Stall {
  /** The longest time in which the server's event loop did not come round, though it had a CPU: milliseconds. */
  readonly stalled: number;
  /** How long it waited for a CPU besides in that time, in milliseconds. */
  readonly waited: number;
  /** The part of the whole run in which it waited for a CPU, from 0 to 1. */
  readonly starved: number;
}

export class ServerProcess {
  readonly port: number;
  /** Whatever should never be said: lines on stderr, fatal lines of the log, an exit that nobody asked for. */
  readonly troubles: string[];
  readonly #child: ChildProcess;
  readonly #strangersLog: Meter;
  #terminated = false;

  private constructor(
    child: ChildProcess,
    port: number,
    troubles: string[],
    lastLines: readonly string[],
    strangersLog: Meter,
  ) {
    this.#child = child;
    this.#strangersLog = strangersLog;
    process.once('exit', () => this.kill());
    this.port = port;
    this.troubles = troubles;
    child.on('exit', (code, signal) => {
      if (!this.#terminated) troubles.push(`the server ended with ${code ?? signal}`, ...lastLines);
    });
  }

  static async start(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const node = [process.execPath, '--expose-gc', '-r', STALLS, join(ROOT, 'dist', 'main.js')];
    const child = spawn('sh', ['-c', `ulimit -n ${FILES}; exec "$0" "$@"`, ...node], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0', ...settings },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const troubles: string[] = [];
    const lastLines: string[] = [];
    const strangersLog = new Meter();
    if (child.stdout === null || child.stderr === null) throw new Error('the server has no output');
    createInterface(child.stderr).on('line', (line) => troubles.push(line));
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', () => reject(new Error(`the server did not start: ${troubles.join('\n')}`)));
      createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) => {
        if (!OF_MEMBERS.test(line)) strangersLog.add(line.length + 1);
        lastLines.push(line);
        if (lastLines.length > KEPT_LINES) lastLines.shift();
        if (line.includes('"level":60')) troubles.push(line);
        const port = /"urls":\["ws:\/\/127\.0\.0\.1:(\d+)"/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
    return new ServerProcess(child, port, troubles, lastLines, strangersLog);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** From now on stalls count: starting is none. */
  async watchForStalls(): Promise<void> {
    await this.#ask('start');
  }

  /** Resident memory after a full garbage collection, in MB. */
  async heldMemory(): Promise<number> {
    await this.#ask('collect');
    return this.#memory('VmRSS');
  }

  /** The most memory that was ever resident, in MB. */
  get peakMemory(): number {
    return this.#memory('VmHWM');
  }

  /** Bytes of the log but for members' lines, in the second in which they were most. */
  get strangersLog(): number {
    return peak(this.#strangersLog.trace);
  }

  longestStall(): Promise<Stall> {
    return this.#ask('report');
  }

  /** Sends SIGTERM, and returns the exit code, or undefined where the server does not end. */
  async terminate(): Promise<number | undefined> {
    if (!this.running) return undefined;
    this.#terminated = true;
    const timeout = AbortSignal.timeout(EXIT_TIMEOUT);
    this.#child.kill('SIGTERM');
    try {
      const [code] = await once(this.#child, 'exit', { signal: timeout });
      return code ?? undefined;
    } catch {
      return undefined;
    }
  }

  kill(): void {
    this.#terminated = true;
    this.#child.kill('SIGKILL');
  }

  async #ask(task: 'start' | 'collect' | 'report'): Promise<Stall> {
    this.#child.send(task);
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT);
    const answered = once(this.#child, 'message', { signal }).catch(() => {
      throw new Error(`the server's event loop has not come round for ${ANSWER_TIMEOUT / 1_000} s`);
    });
    const [stall] = await answered;
    return stall;
  }

  #memory(field: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  }
}
