/** Runs a proxy in front of a host, and stops it when the test is over. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';

const running: ProxyProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((proxy) => proxy.stop()));
});

export class ProxyProcess {
  readonly child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #log = '';
  #logged: () => void = () => {};

  private constructor(path: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
    this.#exited = once(this.child, 'exit');
    this.child.stderr?.on('data', (text) => {
      this.#log += text;
      this.#logged();
    });
  }

  /** Resolves when the program speaks TLS on this port: it may listen before it has its certificate. @throws its log when it ends instead */
  static async start(
    port: number,
    path: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<ProxyProcess> {
    const proxy = new ProxyProcess(path, args, env);
    running.push(proxy);
    while (!(await speaksTls(port))) {
      if (proxy.child.exitCode !== null) throw new Error(proxy.#log);
      await sleep(20);
    }
    return proxy;
  }

  /** Resolves when the log has this text. */
  async says(text: string): Promise<void> {
    while (!this.#log.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#logged = resolve;
      });
    }
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.#exited;
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function speaksTls(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false });
  const speaks = await new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return speaks;
}
