/** The Redis of a round's nodes: empty at the start, never saved, gone with the round. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ServerProcess } from './server-process';

/** What is said where it is not installed. */
export const NO_REDIS = 'redis-server is missing (apt-get install redis-server)';

/** Where the program is, or undefined where it is not installed. */
export function findRedis(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'redis-server')).find(isProgram);
}

/** Done when it accepts connections. */
export function startRedis(): Promise<ServerProcess> {
  const program = findRedis();
  if (program === undefined) throw new Error(NO_REDIS);
  return ServerProcess.start('redis-server', (port) => ({
    program,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', ''],
  }));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
