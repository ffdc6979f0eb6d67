/** What the figures were taken on. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Gigabytes. */
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  /** The versions of the libraries that are compared. */
  readonly packages: Readonly<Record<string, string>>;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: Math.round(totalmem() / 1e9),
    system: `${type()} ${release()}`,
    node: process.version,
    packages: { ws: versionOf('ws'), 'socket.io': versionOf('socket.io') },
  };
}

function versionOf(name: string): string {
  const manifest = join(dirname(require.resolve(`${name}/package.json`)), 'package.json');
  return JSON.parse(readFileSync(manifest, 'utf8')).version;
}
