/** From spawning the process to its first accepted connection, and what it weighs then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { contestants } from '../contestants';
import type { Case, Effort } from '../scenario';

/** Milliseconds after the start at which the memory is looked at. */
const SETTLE = 300;

export function start({ quick }: Effort): Case[] {
  return [
    {
      key: 'start',
      scenario: 'start',
      title: 'start',
      measures: [
        { key: 'start', title: 'spawn to listening', unit: 's' },
        { key: 'memory', title: 'resident memory', unit: 'MB' },
      ],
      contestants,
      rounds: quick ? 3 : 9,
      play: async ({ server }) => {
        await sleep(SETTLE);
        return { start: server.startedIn, memory: server.residentBytes.now / 1e6 };
      },
    },
  ];
}
