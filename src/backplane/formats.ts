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

/** @param others the living nodes; of those whose facts are not known yet nothing follows */
export function agreeOn(
  own: FormatRange,
  others: Iterable<{ readonly id: string; readonly facts: NodeFacts | undefined }>,
): Agreement {
  let format = own.newest;
  let problem: Problem | undefined;
  for (const { id, facts } of others) {
    if (facts === undefined) continue;
    const { formats, machine } = facts;
    if (formats.oldest <= own.newest && formats.newest >= own.oldest) {
      format = Math.min(format, formats.newest);
      continue;
    }
    const version = facts.version === '' ? 'unknown' : facts.version;
    problem = {
      why: `node ${id} on ${machine} (version ${version}) speaks another format: neither sees the streams of the other`,
      remedy: 'run the same version on all nodes',
    };
  }
  return { format, problem };
}
