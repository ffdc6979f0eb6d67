/** The Redis of a round's nodes: empty at the start, never saved, gone with the round. */
import { findProgram } from './programs';
import { ServerProcess } from './server-process';

/** What is said where it is not installed. */
export const NO_REDIS = 'redis-server is missing (apt-get install redis-server)';

/** Where the program is, or undefined where it is not installed. */
export function findRedis(): string | undefined {
  return findProgram('redis-server');
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
