/** Thousands of sockets that only answer pings: what they take, and how long one more takes to join. */
import { setTimeout as sleep } from 'node:timers/promises';
import { host } from '../contestants';
import type { RemoteCrowd } from '../load/remote-crowd';
import type { Case, Stage } from '../scenario';
import { quantile } from '../statistics';

const SIZE = 10;
const LOBBY = { rooms: 20, size: 3, prefix: 'lobby' };
/** Sockets that one process of ours keeps, all of which the host may have within its descriptors. */
const PER_PROCESS = 10_000;
/** Descriptors of a process besides its sockets: more than the host reserves. */
const BESIDES = 400;

export interface QuietPlan {
  readonly key: string;
  readonly scenario: 'quiet-5000' | 'many-sockets';
  readonly sockets: number;
  readonly tls: boolean;
  /** Seconds until they are pinged as evenly as they ever are, and in which they are quiet. */
  readonly settle: number;
  readonly seconds: number;
  /** Of the joins, 200 of which come a second. */
  readonly joining: number;
  readonly rounds: number;
}

const TIMES = { settle: 16, seconds: 60, joining: 15 };

export function quiet(): Case[] {
  const key = 'quiet-5000';
  return [quietSockets({ ...TIMES, key, scenario: key, sockets: 5000, tls: false, rounds: 3 })];
}

/** As many as there may be with 20,000 descriptors, which many systems have as their limit. */
export function manySockets(): Case[] {
  const common = { ...TIMES, scenario: 'many-sockets', rounds: 1 } as const;
  return [
    quietSockets({ ...common, key: 'sockets-19500', sockets: 19_500, tls: false }),
    quietSockets({ ...common, key: 'sockets-tls-5000', sockets: 5000, tls: true }),
  ];
}

export function quietSockets(plan: QuietPlan): Case {
  const { key, scenario, sockets, tls, rounds } = plan;
  return {
    ...{ key, scenario, rounds, tls, contestants: [host] },
    title: `${sockets.toLocaleString('en')} quiet sockets${tls ? ' over TLS' : ''}`,
    openFiles: sockets + BESIDES,
    measures: [
      { key: 'perSocket', title: 'memory per socket', unit: 'KB' },
      { key: 'cpu', title: 'share of a core', unit: '%' },
      { key: 'p50', title: 'join under 200 a second, p50', unit: 'ms' },
      { key: 'p99', title: 'join under 200 a second, p99', unit: 'ms' },
    ],
    play: (stage) => rest(stage, plan),
  };
}

async function rest({ nodes: [server], remoteCrowd, meter }: Stage, plan: QuietPlan) {
  const { sockets, settle, seconds, joining } = plan;
  const memory = server.residentBytes.now;
  const crowds: RemoteCrowd[] = [];
  for (let left = sockets; left > 0; left -= PER_PROCESS) {
    const crowd = remoteCrowd('scenery');
    crowds.push(crowd);
    const rooms = Math.min(left, PER_PROCESS) / SIZE;
    await crowd.fill({ rooms, size: SIZE, prefix: `quiet-${crowds.length}` });
  }
  await sleep(settle * 1000);
  const perSocket = (server.residentBytes.now - memory) / sockets / 1e3;
  const { cpu, wall } = await meter(() => sleep(seconds * 1000));
  const visitors = remoteCrowd('measured');
  const rooms = await visitors.fill(LOBBY);
  const { waits } = await visitors.visit({ rooms, perSecond: 200, seconds: joining });
  const sizes = await Promise.all(crowds.map((crowd) => crowd.size()));
  if (sizes.reduce((sum, size) => sum + size) < sockets) throw new Error('some of the sockets are gone');
  return { perSocket, cpu: (cpu / wall) * 100, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}
