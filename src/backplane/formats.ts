/** Which format of messages all nodes understand: the newest such one is written. Pure. */
import type { FormatRange } from './message';
import type { NodeFacts } from './node-facts';
import type { Problem } from './problems';

export interface Agreement {
  /** What this node writes. */
  readonly format: number;
  /** Why it is not heard by some, or does not hear them. */
  readonly problem: Problem | undefined;
}

/** @param others the living nodes; one whose facts are not understood speaks a format of the future */
export function agreeOn(
  own: FormatRange,
  others: Iterable<{ readonly id: string; readonly facts: NodeFacts | undefined }>,
): Agreement {
  let format = own.newest;
  let problem: Problem | undefined;
  for (const { id, facts } of others) {
    const theirs = facts?.formats;
    if (theirs !== undefined && theirs.oldest <= own.newest && theirs.newest >= own.oldest) {
      format = Math.min(format, theirs.newest);
      continue;
    }
    const version = facts?.version === undefined || facts.version === '' ? 'unknown' : facts.version;
    problem = {
      why: `node ${id} on ${facts?.machine ?? 'an unknown machine'} (version ${version}) speaks another format: neither sees the streams of the other`,
      remedy: 'run the same version on all nodes',
    };
  }
  return { format, problem };
}
