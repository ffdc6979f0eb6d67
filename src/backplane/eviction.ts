/** Whether Redis may drop keys when its memory is full: then rosters lose people, and nobody is told. Pure. */
import type { Problem } from './problems';

/** @param policy what Redis says; undefined where it does not */
export function evictionProblem(policy: string | undefined): Problem | undefined {
  if (policy === undefined || policy === 'noeviction') return undefined;
  return {
    why: `Redis evicts keys when its memory is full (maxmemory-policy ${policy}): streams may vanish unnoticed`,
    remedy: 'set maxmemory-policy noeviction, and give Redis memory enough',
  };
}
