/** n participants enter one room at once. Told one by one this costs n² writes. */
import { type Contestant, contestants, duel, host } from '../contestants';
import { fillRoom } from '../load/rooms';
import { type Case, CPU, type Effort, type Stage, WALL } from '../scenario';

const ROOM = 'storm';

/** The largest storms leave out whoever takes minutes and shows nothing that the smaller ones do not. */
export function storm({ quick }: Effort): Case[] {
  if (quick) {
    return [stormOf(100, 3, contestants), stormOf(300, 1, duel), stormOf(1000, 1, duel)];
  }
  return [
    stormOf(100, 9, contestants),
    stormOf(300, 7, contestants),
    stormOf(600, 5, contestants),
    stormOf(1000, 3, contestants),
    stormOf(3000, 1, duel),
    stormOf(5000, 3, [host]),
  ];
}

function stormOf(n: number, rounds: number, who: readonly Contestant[]): Case {
  return {
    key: `storm-${n}`,
    scenario: 'storm',
    title: `storm of ${n.toLocaleString('en')}`,
    measures: [CPU, WALL],
    contestants: who,
    rounds,
    play: async (stage) => {
      const { cpu, wall } = await stage.meter(() => enter(stage, n));
      return { cpu, wall };
    },
  };
}

/** All count streams by the rosters' lengths; the first reads in full, and its last roster must name everyone. */
async function enter({ crowd }: Stage, n: number): Promise<void> {
  let roster = '';
  const read = (json: string) => {
    roster = json;
  };
  await fillRoom(crowd, ROOM, n, (index) => crowd.join(ROOM, 0, index === 0 ? read : undefined));
  const { room, streams } = JSON.parse(roster);
  if (room !== ROOM || new Set(streams).size !== n) throw new Error(`not everyone is listed: ${roster}`);
}
