/** One run: two identical rounds of everything at once, each with pauses to compare, then the end. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Actor } from '../actor';
import type { AttackerTasks } from './attackers';
import type { Figures } from './bars';
import type { CrowdTasks } from './crowd';
import { freezeMember } from './freeze';
import { ServerProcess } from './server';
import { STRANGERS_SETTINGS } from './strangers';

export interface Plan {
  readonly seed: number;
  /** How often a round stops to compare. */
  readonly stretches: number;
  /** Seconds from one comparison to the next. */
  readonly stretch: number;
  /** PING_INTERVAL and PONG_TIMEOUT, in seconds. */
  readonly pingInterval: number;
  readonly pongTimeout: number;
  /** The one attack that runs; all where it is missing. */
  readonly only?: string | undefined;
}

const ROUNDS = 2;
/** Milliseconds for the server to come to rest before its memory is read. */
const REST = 1_000;
/** Milliseconds of attacks before SIGTERM. */
const LAST_ATTACKS = 1_000;
/** Seconds beyond the bar that the frozen member is waited for. */
const PATIENCE = 5;
/** Of a server that has died. */
const UNKNOWN_STALL = { stalled: Number.NaN, waited: Number.NaN, starved: Number.NaN };

export async function run(plan: Plan): Promise<Figures> {
  const { pingInterval, pongTimeout } = plan;
  const heartbeat = { PING_INTERVAL: `${pingInterval}`, PONG_TIMEOUT: `${pongTimeout}` };
  const settings = { ...STRANGERS_SETTINGS, ...heartbeat };
  const server = await ServerProcess.start(settings);
  const cast = {
    crowd: new Actor<CrowdTasks>(join(__dirname, 'crowd.ts')),
    attackers: new Actor<AttackerTasks>(join(__dirname, 'attackers.ts')),
  };
  try {
    return await play(plan, server, cast);
  } finally {
    server.kill();
    for (const actor of Object.values(cast)) actor.kill();
  }
}

interface Cast {
  readonly crowd: Actor<CrowdTasks>;
  readonly attackers: Actor<AttackerTasks>;
}

async function play(plan: Plan, server: ServerProcess, cast: Cast): Promise<Figures> {
  const startedAt = performance.now();
  await cast.crowd.ask('connectTo', { port: server.port });
  await sleep(REST);
  const baseMemory = await server.heldMemory();
  await server.watchForStalls();
  const freeze = await freezeMember(server.port);

  const memoryAfterRounds: number[] = [];
  for (let round = 0; round < ROUNDS && server.running; round++) {
    await playRound(plan, server, cast);
    await sleep(REST);
    if (server.running) memoryAfterRounds.push(await server.heldMemory());
  }
  const frozenBar = plan.pingInterval + plan.pongTimeout + 1;
  await freeze.wait(frozenBar + PATIENCE);
  const end = await playEnd(plan, server, cast);
  freeze.end();
  return {
    ...end,
    seed: plan.seed,
    seconds: (performance.now() - startedAt) / 1000,
    troubles: server.troubles,
    strangersLog: server.strangersLog,
    baseMemory,
    memoryAfterRounds,
    frozenGoneAfter: freeze.goneAfter,
    frozenBar,
  };
}

async function playRound(plan: Plan, server: ServerProcess, { crowd, attackers }: Cast): Promise<void> {
  const { seed, only, stretches, stretch } = plan;
  await attackers.ask('plan', { port: server.port, seed, only });
  await crowd.ask('gather', { seed });
  for (let turn = 1; turn <= stretches && server.running; turn++) {
    await attackers.ask('attack');
    await crowd.ask('churn', { seed: seed + turn, milliseconds: stretch * 1000 });
    if (turn === stretches) await attackers.ask('complete', only);
    await attackers.ask('stop');
    await crowd.ask('compare');
  }
  await crowd.ask('empty', { seed });
}

/** SIGTERM, while everybody is there and under attack. */
async function playEnd({ seed }: Plan, server: ServerProcess, { crowd, attackers }: Cast) {
  await crowd.ask('gather', { seed });
  await attackers.ask('attack');
  await sleep(LAST_ATTACKS);
  const stall = server.running ? await server.longestStall() : UNKNOWN_STALL;
  const peakMemory = server.running ? server.peakMemory : Number.NaN;
  const atEnd = await crowd.ask('expectEnd');
  const exitCode = await server.terminate();
  const [heard, attacks] = await Promise.all([crowd.ask('report'), attackers.ask('report')]);
  return { ...heard, stall, peakMemory, atEnd, exitCode, attacks };
}
