/** What a run has measured: the samples of every round, and their medians. */
import type { ContestantName } from './contestants';
import type { Machine } from './machine';
import type { Case, Measure, Sample, ScenarioName } from './scenario';
import { median } from './statistics';

export interface CaseResult {
  readonly key: string;
  readonly scenario: ScenarioName;
  readonly title: string;
  readonly measures: readonly Measure[];
  /** The samples of each contestant, one a round; an empty one where the round failed. */
  readonly samples: Partial<Record<ContestantName, Sample[]>>;
}

export interface Results {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly cases: readonly CaseResult[];
  /** What a reader must know: rounds that failed, or in which the generator was the bottleneck. */
  readonly remarks: readonly string[];
}

export function emptyResult({ key, scenario, title, measures }: Case): CaseResult {
  return { key, scenario, title, measures, samples: {} };
}

/** Undefined where this run did not play the case. */
export function caseOf({ cases }: Pick<Results, 'cases'>, key: string): CaseResult | undefined {
  return cases.find((candidate) => candidate.key === key);
}

/** The median of a measure over a contestant's rounds, or undefined where it was not measured. */
export function medianOf(result: CaseResult, who: ContestantName, measure: string): number | undefined {
  const values = (result.samples[who] ?? []).flatMap((sample) => sample[measure] ?? []);
  return values.length === 0 ? undefined : median(values);
}

/**
 * How many times the host is a peer: the median over the rounds of each round's ratio, because the two of one
 * round met the same weather. Undefined where one of them was not measured.
 */
export function ratioTo(result: CaseResult, peer: ContestantName, measure: string): number | undefined {
  const theirs = result.samples[peer] ?? [];
  const ratios = (result.samples.host ?? []).flatMap((sample, round) => {
    const [own, their] = [sample[measure], theirs[round]?.[measure]];
    return own === undefined || their === undefined ? [] : own / their;
  });
  return ratios.length === 0 ? undefined : median(ratios);
}
