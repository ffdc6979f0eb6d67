/** Plays cases: in each round the contestants take turns, each with fresh servers of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from './cluster';
import type { Contestant } from './contestants';
import { Crowd } from './load/crowd';
import type { Rank } from './load/crowd-process';
import { RemoteCrowd } from './load/remote-crowd';
import { type CaseResult, emptyResult } from './results';
import type { Case, Sample } from './scenario';
import { heldUpByGenerator, type Usage, use } from './usage';

/** Milliseconds that one contestant has for one round. */
const ROUND_TIMEOUT = 600_000;
/** Names that each crowd of a round has for itself. */
const NAMES_OF_CROWD = 100_000;

/** Hears how far the run is. */
export interface Progress {
  playing(round: string, who: Contestant): void;
  played(sample: Sample): void;
  remark(text: string): void;
}

/**
 * A round that fails is remarked on and leaves an empty sample, and the rest goes on.
 * @param index of the case in the run
 */
export async function playCase(game: Case, index: number, progress: Progress): Promise<CaseResult> {
  const result = emptyResult(game);
  for (let round = 1; round <= game.rounds; round++) {
    for (const who of inTurn(game.contestants, index + round)) {
      progress.playing(`${game.title}, round ${round} of ${game.rounds}`, who);
      const sample = await playRound(game, who, progress).catch((error: Error): Sample => {
        progress.remark(`${game.title}: ${who.name} failed in round ${round}: ${firstLine(error.message)}`);
        return {};
      });
      result.samples[who.name] = [...(result.samples[who.name] ?? []), sample];
      progress.played(sample);
    }
  }
  return result;
}

/** What another process says of an error goes on with where it happened. */
function firstLine(text: string): string {
  return text.split('\n', 1).join();
}

/**
 * Each round begins with another, and each case too, which may have a single round: the first may find the load
 * generator cold, or the machine still busy.
 */
function inTurn(contestants: readonly Contestant[], turn: number): Contestant[] {
  const first = turn % contestants.length;
  return [...contestants.slice(first), ...contestants.slice(0, first)];
}

async function playRound(game: Case, who: Contestant, progress: Progress): Promise<Sample> {
  const cluster = await Cluster.start(who, game);
  const { nodes, application } = cluster;
  const { tls: secure = false, routed = false } = game;
  const ports = nodes.map(({ port }) => port);
  const crowd = new Crowd(ports, who.dialect, { secure, routed });
  const meter = async (work: () => Promise<void>): Promise<Usage> => {
    const usage = await use(cluster, work);
    if (heldUpByGenerator(usage)) {
      progress.remark(`${game.title}: ${who.name} waited for the load generator; its wall clock says little`);
    }
    return usage;
  };
  const remoteCrowds: RemoteCrowd[] = [];
  const remoteCrowd = (rank: Rank) => {
    const taken = NAMES_OF_CROWD * (remoteCrowds.length + 1);
    const remote = new RemoteCrowd({ port: nodes[0].port, secure, taken, rank });
    remoteCrowds.push(remote);
    return remote;
  };
  const timeout = new AbortController();
  try {
    return await Promise.race([
      game.play({ nodes, application, crowd, remoteCrowd, meter }),
      cluster.ended,
      crowd.trouble,
      tooLong(timeout.signal),
    ]);
  } finally {
    timeout.abort();
    for (const remote of remoteCrowds) remote.end();
    await cluster.stop();
    await crowd.disperse();
  }
}

async function tooLong(signal: AbortSignal): Promise<never> {
  await sleep(ROUND_TIMEOUT, undefined, { signal }).catch(() => {});
  throw new Error(`not done within ${ROUND_TIMEOUT / 1000} s`);
}
