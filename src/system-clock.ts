/** The clock that hosts run by. */
import type { Clock } from './conference/broadcaster';

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (task, delay) => {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};
