/** The real time, as the host has it. */
import type { Clock } from '../../src/conference/broadcaster';

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (task, delay) => {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};
