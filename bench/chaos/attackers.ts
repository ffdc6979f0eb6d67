/** The attackers, in a process of their own: several attacks at any time, in an order that the seed gives. */

import { setMaxListeners } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './actor';
import { type Attack, attacks, type Scene } from './attacks';
import { hangUpAll } from './intruder';
import { Random } from './random';

/** Attacks that run at the same time. */
const AT_ONCE = 4;
/** Attackers have machines of their own in life; here they get what CPU the server and the crowd leave. */
const NICE = 10;
/** Milliseconds after which the next attack starts, even where the server has not ended this one. */
const MAX_TIME = 10_000;
const SEEDS = 2 ** 31;

const counts: Record<string, number> = Object.fromEntries(Object.keys(attacks).map((name) => [name, 0]));
let stopped: AbortController | undefined;
let running: Promise<unknown> = Promise.resolve();

interface Order {
  readonly port: number;
  readonly seed: number;
  /** The one attack that runs; all where it is missing. */
  readonly only?: string | undefined;
}

export const attackerTasks = {
  /** Attacks until told to stop. Every kind comes once before any comes twice. */
  attack({ port, seed, only }: Order): void {
    const random = new Random(seed);
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const plan = endlessPlan(random, only);
    const attackOnAndOn = async () => {
      while (!stop.signal.aborted) {
        const { name, attack, scene } = { ...plan.next().value, scene: sceneOf(port, random, stop.signal) };
        counts[name] = (counts[name] ?? 0) + 1;
        await Promise.race([attack(scene), scene.pause(MAX_TIME)]);
        await scene.pause(scene.random.below(300));
      }
    };
    stopped = stop;
    running = Promise.all(Array.from({ length: AT_ONCE }, attackOnAndOn));
  },

  /** Ends all attacks, and every connection that they have left. */
  async stop(): Promise<void> {
    stopped?.abort();
    hangUpAll();
    await running;
    hangUpAll();
  },

  report: () => counts,
};

export type AttackerTasks = typeof attackerTasks;

function* endlessPlan(random: Random, only?: string): Generator<{ name: string; attack: Attack }, never> {
  const all = Object.entries(attacks).flatMap(([name, attack]) =>
    only === undefined || name === only ? [{ name, attack }] : [],
  );
  if (all.length === 0) throw new Error(`${only} is none of ${Object.keys(attacks).join(', ')}`);
  for (;;) yield* random.shuffle(all);
}

/** Each attack draws from a generator of its own, so that the order in which packets come changes no attack. */
function sceneOf(port: number, random: Random, signal: AbortSignal): Scene {
  return {
    port,
    random: new Random(random.below(SEEDS)),
    get over() {
      return signal.aborted;
    },
    pause: (milliseconds) => sleep(milliseconds, undefined, { signal }).catch(() => {}),
  };
}

setPriority(NICE);
serve(attackerTasks);
