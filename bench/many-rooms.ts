/** Redis restarts, empty, under two nodes that have so many rooms that saying all of them again takes a while. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../test/helpers/redis';
import { ask } from './backplane-tasks';
import { ServerProcess } from './server-process';

/** Compiled beside the benchmark. */
const NODE = join(__dirname, 'dist', 'backplane-node.js');
/** Of these rooms, every so manieth is watched, and changes while Redis is away. */
const WATCHED = 2_000;
const CHANGED = 400;
/** Milliseconds that Redis is away. */
const AWAY = 1_000;

export interface Restarted {
  /** Streams of the other node that a node did not list, counted every 5 ms in 100 rooms. */
  readonly unlisted: number;
  /** Milliseconds from the start of Redis until each node lists all that has changed on the other. */
  readonly agreed: number;
}

/** @param rooms those of each node, of the same names */
export async function restartUnderManyRooms(redis: RedisServer, rooms: number): Promise<Restarted> {
  const start = () =>
    ServerProcess.start('backplane', (port) => ({
      program: process.execPath,
      args: [NODE],
      env: { PORT: String(port), REDIS_URL: redis.url },
    }));
  const nodes = [await start(), await start()];
  try {
    await Promise.all(nodes.map((node) => ask(node, 'open', { rooms, members: 1 })));
    await Promise.all(nodes.map((node) => ask(node, 'listed', { every: 1, streams: 2 })));
    await Promise.all(nodes.map((node) => ask(node, 'watch', { every: WATCHED, streams: 2 })));
    await redis.kill();
    await Promise.all(nodes.map((node) => ask(node, 'join', { every: CHANGED })));
    await sleep(AWAY);
    await redis.start();
    const startedAt = performance.now();
    await Promise.all(nodes.map((node) => ask(node, 'listed', { every: CHANGED, streams: 4 })));
    const agreed = performance.now() - startedAt;
    const unlisted = await Promise.all(nodes.map((node) => ask(node, 'unlisted')));
    return { unlisted: unlisted.reduce((sum, one) => sum + one, 0), agreed };
  } finally {
    for (const node of nodes) await node.stop();
  }
}
