/** One of 250 stops reading while the room churns: what it costs the server, and what the others notice. */
import { contestants, host } from '../contestants';
import type { Crowd } from '../load/crowd';
import type { Participant } from '../load/participant';
import { fillRoom } from '../load/rooms';
import type { Case, Effort, Stage } from '../scenario';
import { quantile } from '../statistics';

const ROOM = 'slow';
const SIZE = 250;
/** Long names make the rosters 50 KB each, so that the kernel's buffers for the slow peer are soon full. */
const NAME_PADDING = 200;

export function slowPeer({ quick }: Effort): Case[] {
  const [rounds, visits] = quick ? [1, 80] : [3, 500];
  return [
    {
      key: 'slow-peer',
      scenario: 'slow-peer',
      title: `one of ${SIZE} never reads`,
      measures: [
        { key: 'growth', title: 'memory growth', unit: 'MB' },
        { key: 'before', title: 'join to seen by all before, p50', unit: 'ms' },
        { key: 'during', title: 'join to seen by all meanwhile, p50', unit: 'ms' },
      ],
      contestants: quick ? [host] : contestants,
      rounds,
      heap: 256,
      play: (stage) => holdUp(stage, { size: SIZE, visits, padding: NAME_PADDING }),
    },
  ];
}

export interface HeldUp {
  readonly size: number;
  readonly visits: number;
  readonly padding: number;
}

/** Half as many visits come before, so that what the server's memory grows by then is not the slow peer's. */
export async function holdUp({ nodes: [server], crowd, meter }: Stage, plan: HeldUp) {
  const { size, visits, padding } = plan;
  const [slow, ...others] = await fillRoom(crowd, ROOM, size, () => crowd.join(ROOM, padding));
  if (slow === undefined) throw new Error('the room is empty');
  const memory = () => server.residentBytes.now;
  const before = await visitOneByOne(crowd, others, { visits: visits / 2, padding, memory });
  slow.stopReading();
  let during: Visited = { waits: [], most: 0 };
  await meter(async () => {
    during = await visitOneByOne(crowd, others, { visits, padding, memory });
  });
  return {
    growth: (during.most - before.most) / 1e6,
    before: quantile(before.waits, 0.5),
    during: quantile(during.waits, 0.5),
  };
}

interface Visits {
  readonly visits: number;
  readonly padding: number;
  /** Bytes that the server has now. */
  readonly memory: () => number;
}

interface Visited {
  /** For each visit, milliseconds from opening the connection until all have seen it. */
  readonly waits: readonly number[];
  /** The most bytes that the server had after a visit: it may drop the slow peer before the last. */
  readonly most: number;
}

/**
 * Rosters are not counted by their streams: the host drops the slow peer when it has taken nothing for 10 s.
 * All are waited for: a broadcast of 12 MB reaches the first long before the last.
 */
async function visitOneByOne(
  crowd: Crowd,
  others: readonly Participant[],
  { visits, padding, memory }: Visits,
): Promise<Visited> {
  const waits: number[] = [];
  let most = 0;
  const all = () => Promise.all(others.map((participant) => participant.sees()));
  for (let visit = 0; visit < visits; visit++) {
    const startedAt = performance.now();
    const visitor = crowd.join(ROOM, padding);
    const welcomed = visitor.sees();
    await all();
    waits.push(performance.now() - startedAt);
    await welcomed;
    const missed = all();
    await visitor.leave();
    await missed;
    most = Math.max(most, memory());
  }
  return { waits, most };
}
