/** A host that some command starts, as a user would, and what a client hears of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

/** Starts the host on a free port, joins a room, stops the host, and gives the roster and the exit code. */
export async function rosterFrom(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env: NodeJS.ProcessEnv },
): Promise<{ roster: unknown; code: number | NodeJS.Signals }> {
  // A group of its own: npm and a shell may stand between.
  const host = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(host, 'close');
  try {
    const roster = await firstRoster(await addressIn(host.stdout));
    process.kill(-(host.pid ?? 0), 'SIGTERM');
    const [code, signal] = await ended;
    return { roster, code: code ?? signal };
  } finally {
    if (host.exitCode === null && host.signalCode === null) process.kill(-(host.pid ?? 0), 'SIGKILL');
  }
}

/** The first address in the log, between what npm says. */
async function addressIn(stdout: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith('{')) return JSON.parse(line).urls[0];
  }
  throw new Error('the host has ended');
}

async function firstRoster(url: string): Promise<unknown> {
  const socket = new WebSocket(`${url}/?room=r&streamName=anna`);
  const [frame] = await once(socket, 'message');
  socket.close();
  await once(socket, 'close');
  return JSON.parse(String(frame));
}
