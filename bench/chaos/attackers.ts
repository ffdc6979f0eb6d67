/** The attackers, in a process of their own: several attacks at any time, in an order that the seed gives. */

import { setMaxListeners } from 'node:events';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../actor';
import { type Attack, attacks as memberAttacks, type Scene } from './attacks';
import { hangUpAll } from './intruder';
import { Random } from './random';
import { strangerAttacks } from './strangers';

/** Attacks that run at the same time. */
const AT_ONCE = 4;
/** Attackers have machines of their own in life; here they get what CPU the server and the crowd leave. */
const NICE = 10;
/** Milliseconds after which the next attack starts, even where the server has not ended this one. */
const MAX_TIME = 10_000;
/** Milliseconds between two attacks, at most. */
const MAX_BREAK = 300;
/** Milliseconds after which no longer is waited for kinds of attacks that have not begun. */
const LONGEST_WAIT = 30_000;
const LOOK = 100;
const SEEDS = 2 ** 31;

const attacks = { ...memberAttacks, ...strangerAttacks };
const counts: Record<string, number> = Object.fromEntries(Object.keys(attacks).map((name) => [name, 0]));
let port = 0;
let random = new Random(0);
let plan = endlessPlan(random);
let stop = new AbortController();
let running: Promise<unknown> = Promise.resolve();

interface Order {
  readonly port: number;
  readonly seed: number;
  /** The one attack that runs; all where it is missing. */
  readonly only?: string | undefined;
}

export const attackerTasks = {
  /** Makes a plan. Every kind comes once before any comes twice. */
  plan(order: Order): void {
    port = order.port;
    random = new Random(order.seed);
    plan = endlessPlan(random, order.only);
  },

  /** Attacks as planned until told to stop, and goes on in the plan when called again. */
  attack(): void {
    stop = new AbortController();
    setMaxListeners(0, stop.signal);
    running = Promise.all(Array.from({ length: AT_ONCE }, () => attackOnAndOn(stop.signal)));
  },

  /** Done when every kind has begun once, however busy the machine is, or will not soon. */
  async complete(only?: string): Promise<void> {
    const giveUpAt = performance.now() + LONGEST_WAIT;
    const isMissing = () =>
      Object.entries(counts).some(([name, count]) => count === 0 && name === (only ?? name));
    while (isMissing() && performance.now() < giveUpAt) await sleep(LOOK);
  },

  /** Ends all attacks, and every connection that they have left. */
  async stop(): Promise<void> {
    stop.abort();
    hangUpAll();
    await running;
    hangUpAll();
  },

  report: () => counts,
};

export type AttackerTasks = typeof attackerTasks;

async function attackOnAndOn(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { name, attack } = plan.next().value;
    const scene = sceneOf(signal);
    counts[name] = (counts[name] ?? 0) + 1;
    await Promise.race([attack(scene), scene.pause(MAX_TIME)]);
    await scene.pause(scene.random.below(MAX_BREAK));
  }
}

/** Each attack draws from a generator of its own, so that the order in which packets come changes no attack. */
function sceneOf(signal: AbortSignal): Scene {
  return {
    port,
    random: new Random(random.below(SEEDS)),
    get over() {
      return signal.aborted;
    },
    pause: (milliseconds) => sleep(milliseconds, undefined, { signal }).catch(() => {}),
  };
}

function* endlessPlan(random: Random, only?: string): Generator<{ name: string; attack: Attack }, never> {
  const all = Object.entries(attacks).flatMap(([name, attack]) =>
    only === undefined || name === only ? [{ name, attack }] : [],
  );
  if (all.length === 0) throw new Error(`${only} is none of ${Object.keys(attacks).join(', ')}`);
  for (;;) yield* random.shuffle(all);
}

setPriority(NICE);
serve(attackerTasks);
