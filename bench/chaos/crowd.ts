/** The well-behaved clients, in a process of their own: they meet, come and go, and compare their lists. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../actor';
import { Participant, WAYS_TO_LEAVE, type Watcher } from './participant';
import { Random } from './random';
import { ROOMS } from './rooms';

const CROWD = 300;
/** Milliseconds between two changes: some 30 a second. */
const PACE = 33;
/** Milliseconds for lists to agree once all is quiet, and for sockets to close. Generous: only a fault takes it. */
const PATIENCE = 10_000;
/** Milliseconds without a roster that count as quiet. */
const QUIET = 300;
/** Complaints of each kind that are kept word for word. */
const KEPT = 5;
/** Milliseconds between two looks at this process' own event loop. */
const RESOLUTION = 5;

const participants = new Set<Participant>();
/** The newest participant of each room and name. */
const people = new Map<string, Participant>();
/** Who has reloaded the page: the new socket, and the old one that goes once the new one is in. */
const reloads = new Map<Participant, Participant>();
const latencies: number[] = [];
const complaints: { drops: string[]; wrong: string[] } = { drops: [], wrong: [] };
const goodbyes: Record<string, number> = {};
const ownDelay = monitorEventLoopDelay({ resolution: RESOLUTION });
let port = 0;
let wrongRosters = 0;
let dropped = 0;
let comparisons = 0;
let lastName = 0;
let ending = false;

const watcher: Watcher = {
  heard(observer, joined, left) {
    const now = performance.now();
    for (const name of joined) {
      const newcomer = people.get(keyOf(observer.room, name));
      if (newcomer !== undefined) latencies.push(now - newcomer.startedAt);
    }
    for (const name of left) {
      const person = people.get(keyOf(observer.room, name));
      if (person?.joined && !person.leaving) this.wronged(observer, `lost ${name}, who is there`);
    }
    reloads.get(observer)?.leave('RST');
    reloads.delete(observer);
  },
  wronged({ name, room }, why) {
    wrongRosters++;
    complain('wrong', `${name} of ${room} ${why}`);
  },
  closed(participant, code, reason) {
    participants.delete(participant);
    const key = keyOf(participant.room, participant.name);
    if (people.get(key) === participant) people.delete(key);
    if (ending) goodbyes[code] = (goodbyes[code] ?? 0) + 1;
    if (ending || participant.leaving) return;
    dropped++;
    complain('drops', `${participant.name} of ${participant.room} was dropped with ${code} ${reason}`);
  },
};

export const crowdTasks = {
  connectTo(server: { readonly port: number }): void {
    port = server.port;
    ownDelay.enable();
  },

  /** Everybody who is missing joins. */
  async gather({ seed }: { readonly seed: number }): Promise<void> {
    const random = new Random(seed);
    for (let missing = CROWD - participants.size; missing > 0; missing--) {
      comeToSome(random);
      if (missing % 10 === 0) await sleep(PACE);
    }
    await until(() => [...participants].every(({ joined }) => joined));
  },

  /** Participants come, leave, die and reload their pages for a time. */
  async churn({
    seed,
    milliseconds,
  }: {
    readonly seed: number;
    readonly milliseconds: number;
  }): Promise<void> {
    const random = new Random(seed);
    const over = performance.now() + milliseconds;
    while (performance.now() < over && participants.size > 0) {
      const somebody = random.pick([...participants]);
      if (participants.size < CROWD && random.chance(60)) comeToSome(random);
      else if (random.chance(20)) reload(somebody);
      else leave(somebody, random);
      await sleep(PACE);
    }
  },

  /** Waits until it is quiet, and compares every list with the truth. */
  async compare(): Promise<void> {
    await until(() => isQuiet() && findWrongLists().length === 0);
    comparisons += participants.size;
    for (const wrong of findWrongLists()) {
      wrongRosters++;
      complain('wrong', wrong);
    }
  },

  /** Everybody leaves. */
  async empty({ seed }: { readonly seed: number }): Promise<void> {
    const random = new Random(seed);
    for (const participant of [...participants]) {
      leave(participant, random);
      await sleep(PACE / 10);
    }
    await until(() => participants.size === 0);
  },

  /** From now on the server may go. Tells how many will hear of it. */
  expectEnd(): number {
    ending = true;
    return participants.size;
  },

  async report() {
    await until(() => !ending || participants.size === 0);
    latencies.sort((a, b) => a - b);
    return {
      dropped,
      wrongRosters,
      complaints: [...complaints.drops, ...complaints.wrong],
      comparisons,
      joins: lastName,
      joinsSeen: latencies.length,
      latencyP50: percentile(50),
      latencyP99: percentile(99),
      ownStall: ownDelay.max / 1e6 - RESOLUTION,
      goodbyes,
    };
  },
};

export type CrowdTasks = typeof crowdTasks;

function comeToSome(random: Random): void {
  lastName++;
  const names = [`p${lastName}`, `${lastName}+ü`, `${lastName}%41`, `"${lastName}" 🎈`];
  come(random.pick(ROOMS), random.pick(names));
}

function come(room: string, name: string): Participant {
  const participant = new Participant(port, room, name, watcher);
  participants.add(participant);
  people.set(keyOf(room, name), participant);
  return participant;
}

function leave(participant: Participant, random: Random): void {
  if (!participant.leaving) participant.leave(random.pick(WAYS_TO_LEAVE));
}

/** The new socket comes first and under the same name: the room must not notice. */
function reload(participant: Participant): void {
  if (participant.leaving || !participant.joined || [...reloads.values()].includes(participant)) return;
  reloads.set(come(participant.room, participant.name), participant);
}

function isQuiet(): boolean {
  const since = performance.now() - QUIET;
  return [...participants].every(
    ({ heardAt, leaving }) => !leaving && heardAt !== undefined && heardAt < since,
  );
}

/** Who has a list that is not true, or not in the order that the room's others have. */
function findWrongLists(): string[] {
  const names = new Map<string, Set<string>>();
  const rosters = new Map<string, string>();
  for (const { room, name, roster } of participants) {
    names.set(room, (names.get(room) ?? new Set()).add(name));
    rosters.set(room, roster.join());
  }
  return [...participants].flatMap(({ room, name, roster, list }) => {
    const truth = names.get(room) ?? new Set();
    const isTrue = roster.length === truth.size && roster.every((stream) => truth.has(stream));
    const isKept = list.size === truth.size && [...list].every((stream) => truth.has(stream));
    if (isTrue && isKept && roster.join() === rosters.get(room)) return [];
    const extra = roster.filter((stream) => !truth.has(stream));
    const missing = [...truth].filter((stream) => !roster.includes(stream));
    return [`${name} of ${room} lists [${extra}] who are not there, and not [${missing}] who are`];
  });
}

function percentile(percent: number): number {
  return latencies[Math.floor((latencies.length * percent) / 100)] ?? Number.POSITIVE_INFINITY;
}

function complain(kind: keyof typeof complaints, text: string): void {
  if (complaints[kind].length < KEPT) complaints[kind].push(text);
}

async function until(isTrue: () => boolean): Promise<void> {
  const patience = performance.now() + PATIENCE;
  while (!isTrue() && performance.now() < patience) await sleep(20);
}

function keyOf(room: string, name: string): string {
  return JSON.stringify([room, name]);
}

serve(crowdTasks);
