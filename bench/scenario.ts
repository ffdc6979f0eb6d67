/** What a scenario is made of: cases, each measured in rounds in which the contestants take turns. */
import type { Application } from './application';
import type { ClusterPlan, Nodes } from './cluster';
import type { Contestant } from './contestants';
import type { Crowd } from './load/crowd';
import type { Rank } from './load/crowd-process';
import type { RemoteCrowd } from './load/remote-crowd';
import type { Usage } from './usage';

export type ScenarioName =
  | 'storm'
  | 'exodus'
  | 'churn'
  | 'latency'
  | 'idle'
  | 'slow-peer'
  | 'join-250'
  | 'changes'
  | 'stall'
  | 'many-rooms'
  | 'tls-storm'
  | 'quiet-5000'
  | 'many-sockets'
  | 'start'
  | 'webhooks'
  | 'cluster';

export interface Measure {
  readonly key: string;
  readonly title: string;
  /** A plain count has none. */
  readonly unit: 's' | 'ms' | 'µs' | 'MB' | 'KB' | '%' | 'per CPU second' | '';
}

/** One value for each of a case's measures, by its key. */
export type Sample = Readonly<Record<string, number>>;

/** What a round has: fresh nodes (one, unless the case asks for more), participants that join them, and the meter. */
export interface Stage {
  readonly nodes: Nodes;
  /** Undefined where the case has no webhooks. */
  readonly application: Application | undefined;
  readonly crowd: Crowd;
  /** A crowd of the first node in a process of its own, which ends with the round. */
  remoteCrowd(rank: Rank): RemoteCrowd;
  /** Does the work, and tells what it took. */
  meter(work: () => Promise<void>): Promise<Usage>;
}

export interface Case extends ClusterPlan {
  /** Unique, such as `storm-1000`. */
  readonly key: string;
  readonly scenario: ScenarioName;
  readonly title: string;
  readonly measures: readonly Measure[];
  readonly contestants: readonly Contestant[];
  readonly rounds: number;
  /** All participants of a room join one node, as behind a balancer that routes by room; else they take turns. */
  readonly routed?: boolean;
  play(stage: Stage): Promise<Sample>;
}

/** How thorough a run is. */
export interface Effort {
  readonly quick: boolean;
}

export const CPU: Measure = { key: 'cpu', title: 'server CPU', unit: 's' };
export const WALL: Measure = { key: 'wall', title: 'wall clock', unit: 's' };
