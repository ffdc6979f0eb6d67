/** The Redis of a round's nodes: empty at the start, never saved, gone with the round. */
import { connect } from 'node:net';
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

/** Bytes that it has sent and received since it was started, over all connections; this question's own are some 5 KB. */
export async function bytesOnTheWire(port: number): Promise<number> {
  let info = '';
  for await (const chunk of connect(port, '127.0.0.1').end('INFO stats\r\nQUIT\r\n')) info += chunk;
  const [, received, sent] = /total_net_input_bytes:(\d+)\r\ntotal_net_output_bytes:(\d+)/.exec(info) ?? [];
  return Number(received) + Number(sent);
}
