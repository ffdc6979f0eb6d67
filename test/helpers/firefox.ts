/** Firefox by WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/), as far as tests need it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #ws: WebSocket;
  readonly #answers = new Map<number, (answer: { result?: unknown; message?: string }) => void>();
  #id = 0;

  private constructor(process: ChildProcess, profile: string, ws: WebSocket) {
    this.#process = process;
    this.#profile = profile;
    this.#ws = ws;
    ws.on('message', (data) => {
      const answer = JSON.parse(String(data));
      this.#answers.get(answer.id)?.(answer);
      this.#answers.delete(answer.id);
    });
  }

  static async start(path: string): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'firefox-'));
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
    const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    for await (const line of createInterface({ input: child.stderr })) {
      const [, url] = /WebDriver BiDi listening on (ws:\S+)/.exec(line) ?? [];
      if (url === undefined) continue;
      child.stderr.resume();
      const ws = new WebSocket(`${url}/session`);
      await once(ws, 'open');
      const firefox = new Firefox(child, profile, ws);
      await firefox.#ask('session.new', { capabilities: {} });
      return firefox;
    }
    throw new Error('Firefox has ended');
  }

  /** @returns a tab, in front of all others */
  async open(url: string): Promise<FirefoxTab> {
    const { context } = await this.#ask<{ context: string }>('browsingContext.create', { type: 'tab' });
    await this.#ask('browsingContext.navigate', { context, url, wait: 'complete' });
    return {
      evaluate: async (expression) => {
        const asked = {
          expression: `JSON.stringify(${expression})`,
          awaitPromise: true,
          target: { context },
        };
        const { result } = await this.#ask<{ result: { value?: string } }>('script.evaluate', asked);
        return result.value === undefined ? undefined : JSON.parse(result.value);
      },
      show: async () => {
        await this.#ask('browsingContext.activate', { context });
      },
    };
  }

  /** All its processes. */
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    if (this.#process.pid !== undefined) process.kill(-this.#process.pid, name);
  }

  async stop(): Promise<void> {
    this.#ws.terminate();
    const ended = once(this.#process, 'exit');
    this.signal('SIGKILL');
    await ended;
    await rm(this.#profile, { recursive: true, maxRetries: 5 });
  }

  #ask<T>(method: string, params: object): Promise<T> {
    this.#id++;
    this.#ws.send(JSON.stringify({ id: this.#id, method, params }));
    return new Promise((resolve, reject) => {
      this.#answers.set(this.#id, ({ result, message }) =>
        result === undefined ? reject(new Error(message)) : resolve(result as T),
      );
    });
  }
}

export interface FirefoxTab {
  /** What an expression is, as far as JSON can say it. */
  evaluate(expression: string): Promise<unknown>;
  /** Puts it in front of the others. */
  show(): Promise<void>;
}
