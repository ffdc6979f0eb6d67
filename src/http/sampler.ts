/** Data for the dashboard: one sample per second for 15 minutes, and the latest refusals. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { memoryUsage } from 'node:process';
import type { RoomsView } from '../conference/rooms';
import type { Events } from '../events';
import type { ListedMember } from './parts';
import type { RefusalRecord, Sample } from './shapes';

/** Milliseconds. */
const INTERVAL = 1_000;
const KEPT_SAMPLES = 900;
const KEPT_REFUSALS = 100;
/** Milliseconds between two measurements of the loop's delay. */
const RESOLUTION = 10;

type Counts = { -readonly [K in 'joins' | 'leaves' | 'rosters' | 'shared']: Sample[K] };

export class Sampler {
  /** Oldest first. */
  readonly samples: Sample[] = [];
  /** Oldest first. */
  readonly refusals: RefusalRecord[] = [];
  readonly #rooms: RoomsView<ListedMember>;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Set<() => void>();
  #counts = noCounts();
  /** Of this second, by name. */
  readonly #refused = new Map<string, number>();
  #lastRefusal = 0;

  constructor(events: Events, rooms: RoomsView<ListedMember>) {
    this.#rooms = rooms;
    this.#count(events);
    this.#delay.enable();
    this.#timer = setInterval(() => this.#sample(), INTERVAL).unref();
    this.#sample();
  }

  /** Resolves with the next sample. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }

  #count(events: Events): void {
    events.on('joined', () => this.#counts.joins++);
    events.on('left', () => this.#counts.leaves++);
    events.on('shared', () => this.#counts.shared++);
    events.on('told', ({ receivers, changes }) => {
      this.#counts.rosters += receivers + (changes?.receivers ?? 0);
    });
    events.on('refused', (refused) => {
      this.#refused.set(refused.name, (this.#refused.get(refused.name) ?? 0) + 1);
      this.#lastRefusal++;
      this.refusals.push({ ...refused, id: this.#lastRefusal, time: Date.now() });
      if (this.refusals.length > KEPT_REFUSALS) this.refusals.shift();
    });
  }

  #sample(): void {
    const { rss, heapUsed } = memoryUsage();
    const loopDelay = Math.max(0, this.#delay.max / 1e6 - RESOLUTION);
    const time = Math.max(Date.now(), (this.samples.at(-1)?.time ?? 0) + 1);
    const refused = Array.from(this.#refused, ([name, times]) => ({ name, times }));
    const refusals = refused.reduce((sum, { times }) => sum + times, 0);
    const counts = { ...census(this.#rooms), ...this.#counts, refusals, refused };
    this.samples.push({ time, ...counts, loopDelay, rss, heap: heapUsed });
    if (this.samples.length > KEPT_SAMPLES) this.samples.shift();
    this.#delay.reset();
    this.#counts = noCounts();
    this.#refused.clear();
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Counts everything in one pass over all members. */
export function census(rooms: RoomsView<ListedMember>) {
  const counted = { rooms: rooms.size, streams: 0, members: 0, observers: 0, behind: 0 };
  for (const room of rooms.values()) {
    counted.streams += room.streams.size;
    counted.members += room.members.size;
    counted.observers += room.observers;
    for (const member of room.members) if (member.behind) counted.behind++;
  }
  return counted;
}

function noCounts(): Counts {
  return { joins: 0, leaves: 0, rosters: 0, shared: 0 };
}
