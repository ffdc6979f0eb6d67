/** A real Redis on a free port, which a test kills, freezes and starts again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';

/** Milliseconds between two looks at whether it is up. */
const LOOK = 5;

export class RedisServer {
  readonly port: number;
  /** Where it speaks TLS, if its arguments name a certificate. */
  readonly tlsPort: number;
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'conference-redis-'));
  #child: ChildProcess | undefined;

  private constructor(program: string, port: number, tlsPort: number, args: readonly string[]) {
    this.#program = program;
    this.port = port;
    this.tlsPort = tlsPort;
    this.#args = args;
  }

  /** @param args more of redis-server's own, such as `--requirepass x` */
  static async start(program: string, ...args: string[]): Promise<RedisServer> {
    const tlsPort = args.includes('--tls-cert-file') ? await freePort() : 0;
    const server = new RedisServer(program, await freePort(), tlsPort, args);
    await server.start();
    return server;
  }

  /** Where the servers of a cluster talk to each other, if its arguments say so. */
  get busPort(): number {
    return Number(this.#args[this.#args.indexOf('--cluster-port') + 1]);
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, empty. Done when it accepts connections. */
  async start(): Promise<void> {
    const own = ['--port', String(this.port), '--tls-port', String(this.tlsPort)];
    const place = ['--bind', '127.0.0.1', '--save', '', '--dir', this.#folder];
    this.#child = spawn(this.#program, [...own, ...place, ...this.#args], { stdio: 'ignore' });
    while (!(await accepts(this.port))) await new Promise((resolve) => setTimeout(resolve, LOOK));
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Runs a command, as `redis-cli` would. */
  async command(...args: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, commandOptions: { timeout: 0 } });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.sendCommand(args);
    } finally {
      client.destroy();
    }
  }

  async stop(): Promise<void> {
    this.thaw();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A port that nothing listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether something listens on the port. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
