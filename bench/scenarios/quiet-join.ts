/** One joins a large room in which nothing has happened for a while: how long until the last member has seen it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { duel } from '../contestants';
import { fillRoom } from '../load/rooms';
import type { Case, Effort, Stage } from '../scenario';
import { quantile } from '../statistics';

const ROOM = 'hall';
/** Milliseconds in which nothing happens before each join. */
const QUIET = 120;
/** Joins before those that count, so that V8 has compiled what it will. */
const WARM_UP = 5;

export function quietJoin({ quick }: Effort): Case[] {
  return [quick ? quietJoinOf(250, 10, 1) : quietJoinOf(250, 100, 5)];
}

export function quietJoinOf(size: number, joins: number, rounds: number): Case {
  return {
    key: `join-${size}`,
    scenario: 'join-250',
    title: `quiet room of ${size}, join to seen by all`,
    measures: [
      { key: 'p50', title: 'p50', unit: 'ms' },
      { key: 'p99', title: 'p99', unit: 'ms' },
    ],
    contestants: duel,
    rounds,
    play: (stage) => joinOneByOne(stage, size, joins),
  };
}

async function joinOneByOne({ crowd }: Stage, size: number, joins: number) {
  const members = await fillRoom(crowd, ROOM, size);
  const seen = (streams: number) => Promise.all(members.map((member) => member.sees(streams)));
  const waits: number[] = [];
  for (let join = 0; join < WARM_UP + joins; join++) {
    await sleep(QUIET);
    const startedAt = performance.now();
    const newcomer = crowd.join(ROOM);
    await seen(size + 1);
    if (join >= WARM_UP) waits.push(performance.now() - startedAt);
    const missed = seen(size);
    await newcomer.leave();
    await missed;
  }
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}
