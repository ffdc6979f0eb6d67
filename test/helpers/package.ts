/** This repository as others get it: a fresh copy of it, and the packed file. */
import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const REPOSITORY = join(__dirname, '..', '..');

/** Without what `npm test` tells its children: to work on this repository, and with its compiler. */
export const outsideEnv: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_ENV)/i.test(name)),
  ),
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !/node_modules|node-gyp/.test(folder))
    .join(delimiter),
};

/** What is in the packed file, and its hash. */
export interface Packed {
  readonly path: string;
  readonly files: readonly string[];
  readonly integrity: string;
}

/** Packs what is built in a folder. */
export async function pack(folder: string, destination: string): Promise<Packed> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', destination];
  const { stdout } = await run('npm', args, { cwd: folder, env: outsideEnv });
  const [{ filename, files, integrity }] = JSON.parse(stdout);
  return {
    path: join(destination, filename),
    files: files.map(({ path }: { path: string }) => path),
    integrity,
  };
}

/** Copies what a clone would have of this tree, uncommitted changes included. */
export async function copyAsCloned(destination: string): Promise<void> {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await run('git', args, { cwd: REPOSITORY, maxBuffer: 16 << 20 });
  // Where `node_modules` is a link, git does not ignore it.
  const wanted = new Set(stdout.split('\0').filter((file) => file !== 'node_modules'));
  const folders = new Set([...wanted].flatMap((file) => foldersOf(file)));
  await cp(REPOSITORY, destination, {
    recursive: true,
    filter: (source) => {
      const path = source.slice(REPOSITORY.length + 1).replaceAll('\\', '/');
      return path === '' || wanted.has(path) || folders.has(path);
    },
  });
}

/** `a/b/c.ts` is in `a` and `a/b`. */
function foldersOf(file: string): string[] {
  const parts = file.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
