/** Time, as everybody gets it injected. */

export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  now(): number;
  /** Runs `task` once after `delay` milliseconds, and returns what cancels it. */
  schedule(task: () => void, delay: number): () => void;
}

/** The clock that hosts run by. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (task, delay) => {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};
