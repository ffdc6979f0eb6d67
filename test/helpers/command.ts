/** Runs a command against a host, as its program does. */
import { runCommand } from '../../src/cli/run';
import { ADMIN_TOKEN } from './http';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** @param port of the host, unless the command or its environment say where that is */
export async function run(
  port: number,
  argv: string[],
  env: Record<string, string> = { ADMIN_TOKEN },
): Promise<Ran> {
  let out = '';
  let err = '';
  const where = argv.includes('--url') || 'PORT' in env ? [] : ['--url', `http://127.0.0.1:${port}`];
  const code = await runCommand([...argv, ...where], {
    env,
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}
