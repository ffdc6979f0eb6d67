/** From spawning the process to its first accepted connection, and what it weighs once it rests. */
import { contestants } from '../contestants';
import type { Case, Effort } from '../scenario';

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
      rounds: quick ? 2 : 9,
      play: async ({ nodes: [server] }) => ({
        start: server.startedIn,
        memory: server.residentBytes.now / 1e6,
      }),
    },
  ];
}
