/** A fresh compiled server as `npm start` runs it, watched from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Meter } from '../meter';
import { residentBytes } from '../process-figures';
import { type Held, heldBy } from '../sockets';

const MAIN = join(__dirname, '..', '..', 'dist', 'main.js');
/** Lines of the log that are kept, the last ones. */
const KEPT_LINES = 10_000;

export interface ServerOptions {
  readonly settings: Readonly<Record<string, string>>;
  /** The limit on open files; the machine's unless given. */
  readonly files?: number;
}

export class AttackedServer {
  readonly port: number;
  readonly pid: number;
  /** Bytes of the log. */
  readonly log: Meter;
  /** The last lines of the log. */
  readonly lines: readonly string[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number, port: number, log: Meter, lines: readonly string[]) {
    this.#child = child;
    this.pid = pid;
    this.port = port;
    this.log = log;
    this.lines = lines;
  }

  /** Resolves when it listens. */
  static async start({ settings, files }: ServerOptions): Promise<AttackedServer> {
    const limit = files === undefined ? '' : `ulimit -n ${files}; `;
    const child = spawn('sh', ['-c', `${limit}exec "$0" "$1"`, process.execPath, MAIN], {
      env: { PATH: process.env.PATH, PORT: '0', ...settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    process.once('exit', () => child.kill('SIGKILL'));
    const { pid, stdout } = child;
    if (pid === undefined) throw new Error('the server has no process');
    const log = new Meter();
    const lines: string[] = [];
    stdout.on('data', ({ length }: Buffer) => log.add(length));
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server did not start: exit code ${code}`)));
      createInterface(stdout).on('line', (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        const port = /"urls":\["[^"]*:(\d+)/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    });
    return new AttackedServer(child, pid, port, log, lines);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Bytes. */
  get memory(): { now: number; peak: number } {
    return residentBytes(this.pid);
  }

  /** The connections that it holds, besides those from these ports. */
  held(except: readonly (number | undefined)[]): Held[] {
    return heldBy(this.pid, this.port).filter(({ remotePort }) => !except.includes(remotePort));
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
