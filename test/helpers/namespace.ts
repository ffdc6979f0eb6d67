/**
 * A network namespace of the test's own, with addresses that nobody else has: limits by address apply to them, as they
 * do not to loopback. It has no name and no link to anything, and is gone with the last process in it.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { TestClient } from './client';
import { joinTarget } from './join-target';
import { HostProcess } from './process';
import { describeWith, findProgram } from './programs';
import { RawClient } from './raw-client';

/** TEST-NET-3 of RFC 5737. */
const SERVER = '203.0.113.1';
export const ATTACKER = '203.0.113.2';
export const OTHER = '203.0.113.3';

const DIALLER = join(__dirname, 'dialler.cjs');

interface Answer {
  readonly id: number;
  readonly error?: string;
}

const open: Namespace[] = [];

afterEach(() => {
  for (const namespace of open.splice(0)) namespace.close();
});

export class Namespace {
  readonly #dialler: ChildProcess;
  readonly #waiting = new Map<number, { take(socket: Socket): void; fail(error: Error): void }>();
  #lastId = 0;

  private constructor(dialler: ChildProcess) {
    this.#dialler = dialler;
    dialler.on('message', ({ id, error }: Answer, socket) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error !== undefined) waiting?.fail(new Error(error));
      else waiting?.take(socket as Socket);
    });
  }

  static async make(): Promise<Namespace> {
    const [program = '', ...args] = inNamespace(process.execPath);
    const dialler = fork(DIALLER, { execPath: program, execArgv: args });
    const namespace = new Namespace(dialler);
    open.push(namespace);
    const ended = once(dialler, 'exit').then(() => {
      throw new Error('the namespace could not be made');
    });
    await Promise.race([once(dialler, 'message'), ended]);
    ended.catch(() => {});
    return namespace;
  }

  /** Runs the compiled host in the namespace, where it listens on all addresses. */
  async host(env: Record<string, string> = {}): Promise<HostProcess & { readonly port: number }> {
    const enter = ['nsenter', '--target', `${this.#dialler.pid}`, '--net'];
    const host = new HostProcess({ PORT: '0', ...env }, [], enter);
    const { urls } = await host.line('listening');
    const [url = ''] = urls as string[];
    return Object.assign(host, { port: Number(new URL(url).port) });
  }

  /** A connection to the host from one of the namespace's addresses; paused, so that nothing is missed. */
  dial(port: number, localAddress: string): Promise<Socket> {
    const id = ++this.#lastId;
    return new Promise((take, fail) => {
      this.#waiting.set(id, { take, fail });
      this.#dialler.send({ id, host: SERVER, port, localAddress });
    });
  }

  /** A connection on which a test sends what it likes. */
  async raw(port: number, localAddress: string): Promise<RawClient> {
    return RawClient.over(await this.dial(port, localAddress));
  }

  /** A WebSocket, which joins. */
  async join(port: number, localAddress: string, room: string, streamName: string): Promise<TestClient> {
    const socket = await this.dial(port, localAddress);
    const createConnection = () => socket;
    return new TestClient(`ws://${SERVER}:${port}${joinTarget(room, streamName)}`, [], { createConnection });
  }

  close(): void {
    this.#dialler.kill('SIGKILL');
  }
}

/** A `describe` for tests in a namespace; skipped where none can be made, as they need root for that. */
export function describeInNamespace(title: string, tests: () => void): void {
  describeWith('ip', title, () => {
    const problem = findProblem();
    if (problem === undefined) {
      tests();
      return;
    }
    process.stderr.write(`skipped: ${title} (no network namespace: ${problem})\n`);
    test.skip(`${title} (no network namespace: ${problem})`, () => {});
  });
}

function findProblem(): string | undefined {
  const [program = '', ...args] = inNamespace('true');
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (stderr ?? `${program} is missing`).trim();
}

/** The command that runs another in a namespace of its own that has the addresses. */
function inNamespace(command: string): string[] {
  const ip = findProgram('ip') ?? 'ip';
  const addresses = [SERVER, ATTACKER, OTHER].map((address) => `${ip} address add ${address}/32 dev lo`);
  // Packets as long as a network's: with loopback's own the kernel would hold megabytes for who does not read.
  const setUp = [`${ip} link set lo mtu 1500 up`, ...addresses].join(' && ');
  return ['unshare', '--net', 'sh', '-c', `${setUp} && exec "$0" "$@"`, command];
}
