/** Thousands of sockets in small rooms that say nothing: what each costs in memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contestant, contestants, duel } from '../contestants';
import { fillRooms } from '../load/rooms';
import type { Case, Effort, Stage } from '../scenario';

const SIZE = 10;
/** Milliseconds that a server has to settle after the last join. */
const SETTLE = 1_500;

export function idle({ quick }: Effort): Case[] {
  return quick ? [idleSockets(1000, 1, duel)] : [idleSockets(5000, 5, contestants)];
}

function idleSockets(sockets: number, rounds: number, who: readonly Contestant[]): Case {
  return {
    key: `idle-${sockets}`,
    scenario: 'idle',
    title: `${sockets.toLocaleString('en')} idle sockets in rooms of ${SIZE}`,
    measures: [
      { key: 'perSocket', title: 'memory per socket', unit: 'KB' },
      { key: 'cpu', title: 'server CPU to join', unit: 's' },
    ],
    contestants: who,
    rounds,
    play: (stage) => rest(stage, sockets),
  };
}

async function rest({ nodes: [server], crowd, meter }: Stage, sockets: number) {
  const before = server.residentBytes.now;
  const { cpu } = await meter(async () => {
    await fillRooms(crowd, sockets / SIZE, SIZE);
  });
  await sleep(SETTLE);
  return { cpu, perSocket: (server.residentBytes.now - before) / sockets / 1e3 };
}
