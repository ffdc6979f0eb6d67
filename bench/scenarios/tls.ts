/** Over TLS each receiver's copy of a roster is encrypted for it alone: what many of them hold at once. */
import { host } from '../contestants';
import { LONGEST_PADDING } from '../load/crowd';
import { fillRoom } from '../load/rooms';
import type { Case, Effort, Stage } from '../scenario';
import { holdUp } from './slow-peer';

const ROOM = 'secure';

export function tlsStorm({ quick }: Effort): Case[] {
  return quick ? [stormOf(200, 1)] : [stormOf(1500, 3), slowPeerOf(250, 200, 3)];
}

export function stormOf(n: number, rounds: number): Case {
  return {
    key: `tls-storm-${n}`,
    scenario: 'tls-storm',
    title: `storm of ${n.toLocaleString('en')} over TLS, 256-byte names`,
    measures: [
      { key: 'peak', title: 'most resident memory', unit: 'MB' },
      { key: 'cpu', title: 'server CPU', unit: 's' },
      { key: 'wall', title: 'wall clock', unit: 's' },
    ],
    contestants: [host],
    rounds,
    tls: true,
    play: (stage) => enter(stage, n),
  };
}

async function enter({ nodes: [server], crowd, meter }: Stage, n: number) {
  const { cpu, wall } = await meter(async () => {
    await fillRoom(crowd, ROOM, n, () => crowd.join(ROOM, LONGEST_PADDING));
  });
  return { cpu, wall, peak: server.residentBytes.peak / 1e6 };
}

export function slowPeerOf(size: number, visits: number, rounds: number): Case {
  return {
    key: 'tls-slow-peer',
    scenario: 'tls-storm',
    title: `one of ${size} over TLS never reads`,
    measures: [
      { key: 'growth', title: 'memory growth', unit: 'MB' },
      { key: 'before', title: 'join to seen by all before, p50', unit: 'ms' },
      { key: 'during', title: 'join to seen by all meanwhile, p50', unit: 'ms' },
    ],
    contestants: [host],
    rounds,
    tls: true,
    play: (stage) => holdUp(stage, { size, visits, padding: LONGEST_PADDING }),
  };
}
