/** One comes and goes in a large room: what each change costs a member that takes rosters, and one that takes changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { host } from '../contestants';
import { Hearing, Listener } from '../load/listener';
import type { Case, Effort, Stage } from '../scenario';

/** As rooms are used: some 20 characters. */
const nameOf = (index: number) => `participant-${String(index).padStart(8, '0')}`;
/** Visits before those that count, so that V8 has compiled what it will. */
const WARM_UP = 20;
/** Milliseconds between two visits, in which a host saves up its time for telling. */
const QUIET = 50;
/** Milliseconds for a host to settle after the last of the members. */
const SETTLE = 1_000;

export function changes({ quick }: Effort): Case[] {
  return [quick ? changesIn(300, 20, 1) : changesIn(1000, 100, 5)];
}

export function changesIn(size: number, visits: number, rounds: number): Case {
  return {
    key: `changes-${size}`,
    scenario: 'changes',
    title: `a change in a quiet room of ${size.toLocaleString('en')}`,
    measures: [
      { key: 'rosterBytes', title: 'bytes a member, rosters', unit: '' },
      { key: 'changesBytes', title: 'bytes a member, conference.2', unit: '' },
      { key: 'rosterCpu', title: 'server CPU a member, rosters', unit: 'µs' },
      { key: 'changesCpu', title: 'server CPU a member, conference.2', unit: 'µs' },
    ],
    contestants: [host],
    rounds,
    play: (stage) => play(stage, size, visits),
  };
}

interface Room {
  readonly name: string;
  readonly subprotocol: string;
  readonly hearing: Hearing;
  readonly members: readonly Listener[];
}

/** Both rooms are there at the same time, and take turns: what else the machine does meanwhile is the same for both. */
async function play({ nodes: [{ port }], meter }: Stage, size: number, visits: number) {
  const rosters = await fill(port, 'rosters', '', size);
  const changes = await fill(port, 'changes', 'conference.2', size);
  await sleep(SETTLE);
  const spent = { rosters: 0, changes: 0 };
  for (let count = -WARM_UP; count < visits; count++) {
    if (count === 0) for (const { hearing } of [rosters, changes]) hearing.bytes = 0;
    const ofRosters = await meter(() => visit(port, rosters));
    const ofChanges = await meter(() => visit(port, changes));
    if (count < 0) continue;
    spent.rosters += ofRosters.cpu;
    spent.changes += ofChanges.cpu;
  }
  const tellings = 2 * visits * size;
  await Promise.all([...rosters.members, ...changes.members].map((member) => member.drop()));
  return {
    rosterBytes: rosters.hearing.bytes / tellings,
    changesBytes: changes.hearing.bytes / tellings,
    rosterCpu: (spent.rosters * 1e6) / tellings,
    changesCpu: (spent.changes * 1e6) / tellings,
  };
}

async function fill(port: number, name: string, subprotocol: string, size: number): Promise<Room> {
  const hearing = new Hearing();
  const members: Listener[] = [];
  for (let index = 0; index < size; index++) {
    members.push(new Listener(port, name, nameOf(index), subprotocol, hearing));
    await hearing.until(hearing.frames + 1);
  }
  return { name, subprotocol, hearing, members };
}

/** One comes, and all have heard of it; one goes, and all have. */
async function visit(port: number, { name, subprotocol, hearing, members }: Room): Promise<void> {
  const visitor = new Listener(port, name, nameOf(members.length), subprotocol, new Hearing());
  await hearing.until(hearing.frames + members.length);
  const told = hearing.until(hearing.frames + members.length);
  await visitor.leave();
  await told;
  await sleep(QUIET);
}
