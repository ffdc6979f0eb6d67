/** Makes a failing run shorter: takes out steps as long as it goes on failing. */
import type { Plan, Step } from './plan';

/** @param fails whether a run of this plan fails, in whatever way */
export async function shrink(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let steps = plan.steps;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length; ) {
      const fewer: readonly Step[] = [...steps.slice(0, from), ...steps.slice(from + size)];
      if (await fails({ ...plan, steps: fewer })) steps = fewer;
      else from += size;
    }
  }
  return { ...plan, steps };
}
