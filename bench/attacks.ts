/**
 * `npm run attacks`: what one stranger can do to everybody else. Each attack alone against a fresh compiled server, the
 * attacker and everybody else in processes of their own. Prints what it measured against the bars, and exits with 1
 * where one is missed. Takes some six minutes, and means something on a machine that does nothing else.
 *
 * Attackers have an address of their own in a network namespace, which takes root and `ip` (iproute2); where there is
 * none, a header says their address as a proxy would. All of it stays on this machine.
 *
 *   --only NAME     one attack alone, or `office`, which is none and only measured
 *   --seconds 10    how long each goes on
 */
import { parseArgs } from 'node:util';
import { playOffice } from './attacks/office';
import { isApart, moveApart } from './attacks/places';
import { stories } from './attacks/stories';

const MISSED = 1;
const OFFICE = 'office';

async function main(): Promise<void> {
  // Each of the many processes that it starts is killed on exit.
  process.setMaxListeners(0);
  const { values } = parseArgs({
    options: { only: { type: 'string' }, seconds: { type: 'string', default: '10' } },
  });
  const { only } = values;
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= 600)) throw new Error('--seconds takes 1 to 600');
  const chosen = stories.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0 && only !== OFFICE) {
    throw new Error(`${only} is none of ${[...stories.map(({ name }) => name), OFFICE].join(', ')}`);
  }
  if (!isApart() && moveApart()) return;
  // Children are killed on exit, but a signal alone is none.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(MISSED));
  if (!isApart()) console.log('No network namespace can be made: addresses are told by a header.\n');
  if (chosen.length > 0) console.log('| attack | from | bar | measured | |\n| --- | --- | --- | --- | --- |');
  for (const { name, bar, places, play } of chosen) {
    for (const place of places()) {
      const { measured, met } = await play(place, seconds);
      console.log(`| ${name} | ${place.name} | ${bar} | ${measured} | ${met ? 'met' : 'MISSED'} |`);
      if (!met) process.exitCode = MISSED;
    }
  }
  if (only === undefined || only === OFFICE) console.log(`\n${await playOffice(seconds)}`);
}

void main();
