/** A part of the load in a process of its own, so that what it does is never taken for the server's doing. */
import { type ChildProcess, fork } from 'node:child_process';

/** What an actor can be asked to do: names and functions of one argument that JSON can carry. */
export type Tasks = Readonly<Record<string, (argument: never) => unknown>>;

/** What `node` needs to run TypeScript. */
const FROM_SOURCE = ['-r', 'ts-node/register/transpile-only'];

interface Call {
  readonly id: number;
  readonly task: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** The parent's end. */
export class Actor<T extends Tasks> {
  readonly process: ChildProcess;
  readonly #pending = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #lastId = 0;

  /** @param file the module that calls `serve` with these tasks */
  constructor(file: string) {
    this.process = fork(file, { execArgv: file.endsWith('.ts') ? FROM_SOURCE : [] });
    const kill = () => this.kill();
    process.once('exit', kill);
    this.process.once('exit', () => process.off('exit', kill));
    this.process.on('message', (answer: Answer) => this.#onAnswer(answer));
    this.process.on('exit', (code, signal) => {
      for (const { reject } of this.#pending.values()) reject(new Error(`${file} ended (${code ?? signal})`));
    });
  }

  ask<K extends keyof T & string>(
    task: K,
    ...[argument]: Parameters<T[K]>
  ): Promise<Awaited<ReturnType<T[K]>>> {
    const id = ++this.#lastId;
    const answered = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    this.process.send({ id, task, argument } satisfies Call);
    return answered as Promise<Awaited<ReturnType<T[K]>>>;
  }

  /** SIGKILL, which ends even a stopped process. */
  kill(): void {
    this.process.kill('SIGKILL');
  }

  #onAnswer({ id, result, error }: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  }
}

/** The child's end: does what it is asked, until the parent is gone. */
export function serve(tasks: Tasks): void {
  process.on('message', async ({ id, task, argument }: Call) => {
    process.send?.(await answer(id, () => tasks[task]?.(argument as never)));
  });
  process.on('disconnect', () => process.exit());
}

async function answer(id: number, run: () => unknown): Promise<Answer> {
  try {
    return { id, result: await run() };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
