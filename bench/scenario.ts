/** What a scenario is made of: cases, each measured in rounds in which the contestants take turns. */
import type { Contestant } from './contestants';
import type { Crowd } from './load/crowd';
import type { ServerProcess } from './server-process';
import type { Usage } from './usage';

export type ScenarioName = 'storm' | 'exodus' | 'churn' | 'latency' | 'idle' | 'slow-peer' | 'start';

export interface Measure {
  readonly key: string;
  readonly title: string;
  readonly unit: 's' | 'ms' | 'MB' | 'KB' | 'per CPU second';
}

/** One value for each of a case's measures, by its key. */
export type Sample = Readonly<Record<string, number>>;

/** What a round has: a fresh server, participants that join it, and the meter. */
export interface Stage {
  readonly server: ServerProcess;
  readonly crowd: Crowd;
  /** Does the work, and tells what it took. */
  meter(work: () => Promise<void>): Promise<Usage>;
}

export interface Case {
  /** Unique, such as `storm-1000`. */
  readonly key: string;
  readonly scenario: ScenarioName;
  readonly title: string;
  readonly measures: readonly Measure[];
  readonly contestants: readonly Contestant[];
  readonly rounds: number;
  /** Megabytes of V8's old generation that the servers may have; node's default unless given. */
  readonly heap?: number;
  play(stage: Stage): Promise<Sample>;
}

/** How thorough a run is. */
export interface Effort {
  readonly quick: boolean;
}

export const CPU: Measure = { key: 'cpu', title: 'server CPU', unit: 's' };
export const WALL: Measure = { key: 'wall', title: 'wall clock', unit: 's' };
