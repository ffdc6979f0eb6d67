/** The compiled host as a process of its own, whose log a test reads line by line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { Queue } from './queue';

export const MAIN = join(__dirname, '..', '..', 'dist', 'main.js');

export interface LogLine {
  readonly msg: string;
  readonly level: number;
  readonly [key: string]: unknown;
}

export interface Exit {
  /** The exit code, or the signal that ended the process. */
  readonly code: number | NodeJS.Signals;
  readonly stderr: string;
}

const running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

export class HostProcess {
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;
  /** Everything that the process wrote to its standard output. */
  stdout = '';
  readonly #lines = new Queue<string>();
  readonly #reader: Interface;

  /** Runs the host with these variables (nothing else is set that it reads) and flags. */
  constructor(env: Record<string, string> = {}, args: string[] = [], command: string[] = []) {
    const [program = process.execPath, ...before] = [...command, process.execPath];
    const path = { PATH: process.env.PATH ?? '' };
    this.child = spawn(program, [...before, MAIN, ...args], { env: { ...path, ...env }, stdio: 'pipe' });
    running.push(this.child);
    let stderr = '';
    this.child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('the process has no standard output');
    this.#reader = createInterface({ input: stdout });
    this.#reader.on('line', (line) => {
      this.stdout += `${line}\n`;
      this.#lines.push(line);
    });
    this.exit = once(this.child, 'close').then(([code, signal]) => {
      this.#lines.end(`the process has ended: ${stderr}`);
      return { code: code ?? signal, stderr };
    });
  }

  /** Runs the host on a free port, and waits until it listens. */
  static async listening(env: Record<string, string> = {}): Promise<HostProcess & { port: number }> {
    const host = new HostProcess({ HOST: '127.0.0.1', PORT: '0', ...env });
    const { urls } = await host.line('listening');
    const [url] = urls as string[];
    return Object.assign(host, { port: Number(new URL(url ?? '').port) });
  }

  /** The next line of the log with this message. */
  async line(message: string): Promise<LogLine> {
    for (;;) {
      const line: LogLine = JSON.parse(await this.#lines.next());
      if (line.msg === message) return line;
    }
  }

  /** The next line of the log with this text, whatever its form. */
  async text(text: string): Promise<string> {
    for (;;) {
      const line = await this.#lines.next();
      if (line.includes(text)) return line;
    }
  }

  /** Reads the log no more: whatever is written to it from now on fails. */
  async loseReader(): Promise<void> {
    const { stdout } = this.child;
    if (stdout === null) return;
    stdout.destroy();
    await once(stdout, 'close');
  }

  /** Reads the log no more, and keeps it open: it fills up. */
  stopReading(): void {
    this.#reader.pause();
  }

  readOn(): void {
    this.#reader.resume();
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
