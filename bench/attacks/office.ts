/** No attack: how many bytes an office takes whose people share one address, which limits must not hurt. */
import { setTimeout as sleep } from 'node:timers/promises';
import { burst, mean, peak, total } from '../meter';
import { limitedPlace } from './places';
import { Scene } from './scene';

const ROOM = 'all hands';
const INSIDE = 200;
const OUTSIDE = 50;
/** Seconds in which all join. */
const JOINING = 10;
/** Changes a second once they are there. */
const CHANGES = 2;
const MB = 1_000_000;

/** Budgets that are looked at: bytes a second. */
const RATES = [2, 4, 8, 16].map((rate) => rate * MB);

export async function playOffice(seconds: number): Promise<string> {
  return Scene.play(limitedPlace(), { settings: {} }, async ({ attacker, others, from, elsewhere }) => {
    // The office sits where the attacker sits otherwise; its people are in a process of their own.
    attacker.kill();
    const office = Scene.newOthers();
    try {
      await Promise.all([
        others.ask('stay', { ground: elsewhere, room: ROOM, count: OUTSIDE, rate: OUTSIDE / JOINING }),
        office.ask('stay', { ground: from, room: ROOM, count: INSIDE, rate: INSIDE / JOINING }),
      ]);
      await sleep(500);
      const joining = await office.ask('trace');
      await others.ask('churn', { ground: elsewhere, room: ROOM, rate: CHANGES, seconds });
      const trace = await office.ask('trace');
      const steady = trace.slice(joining.length);
      const dropped = await office.ask('dropped');
      return [
        `an office of ${INSIDE} in a room of ${INSIDE + OUTSIDE}, ${dropped} dropped:`,
        `  while they join: mean ${mb(mean(trimmed(joining)))}/s, peak ${mb(peak(joining))}/s, ${mb(total(joining))} in all`,
        `  ${CHANGES} changes a second: mean ${mb(mean(steady))}/s, peak ${mb(peak(steady))}/s`,
        ...RATES.map((rate) => `  at ${mb(rate)}/s nobody waits with ${mb(burst(trace, rate))} at once`),
        '',
      ].join('\n');
    } finally {
      office.kill();
    }
  });
}

/** From the first byte on. */
function trimmed(trace: readonly number[]): readonly number[] {
  return trace.slice(trace.findIndex((bytes) => bytes > 0));
}

function mb(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`;
}
