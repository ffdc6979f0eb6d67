/** All but one leave a full room, with closing handshakes. */
import { contestants } from '../contestants';
import { inParallel } from '../load/parallel';
import { AT_A_TIME, fillRoom } from '../load/rooms';
import { type Case, CPU, type Effort, type Stage, WALL } from '../scenario';

export function exodus({ quick }: Effort): Case[] {
  return quick ? [exodusOf(300, 1)] : [exodusOf(1000, 3)];
}

function exodusOf(n: number, rounds: number): Case {
  return {
    key: `exodus-${n}`,
    scenario: 'exodus',
    title: `exodus of ${n.toLocaleString('en')}, ${AT_A_TIME} at a time`,
    measures: [CPU, WALL],
    contestants,
    rounds,
    play: (stage) => leave(stage, n),
  };
}

async function leave({ crowd, meter }: Stage, n: number) {
  const [last, ...others] = await fillRoom(crowd, 'exodus', n);
  const { cpu, wall } = await meter(async () => {
    const alone = last?.sees(1);
    await inParallel(others, AT_A_TIME, (participant) => participant.leave());
    await alone;
  });
  return { cpu, wall };
}
