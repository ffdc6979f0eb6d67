/** Guesses of the admin token over connections that stay, as fast as answers come. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { type Ground, inParallel, type Siege } from './ground';
import { Statuses } from './statuses';

/** Milliseconds that an answer may take. */
const PATIENCE = 2_000;

/** @returns how often which status came; `none` where the connection was cut */
export async function guess(
  ground: Ground,
  siege: Siege,
  connections: number,
): Promise<Record<string, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses = new Statuses();
  await inParallel(connections, async () => {
    while (!siege.over) {
      const status = await ask(ground, agent);
      statuses.count(status ?? 'none');
      if (status === undefined) await siege.pause(1);
    }
  });
  agent.destroy();
  return statuses.counts;
}

function ask({ headers, ...where }: Ground, agent: Agent): Promise<number | undefined> {
  const authorization = `Bearer ${randomBytes(16).toString('hex')}`;
  return new Promise((resolve) => {
    const asking = request({
      ...where,
      agent,
      path: '/api/rooms',
      headers: { ...headers, authorization },
      timeout: PATIENCE,
    });
    asking.on('response', (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode));
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(undefined));
    asking.end();
  });
}
