/** The clock, which is injected everywhere. */

export interface Clock {
  /** Milliseconds from any fixed point; never goes back. */
  now(): number;
  /** Runs `task` once after `delay` milliseconds. @returns a function that cancels it */
  schedule(task: () => void, delay: number): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (task, delay) => {
    const timer = setTimeout(task, delay);
    return () => clearTimeout(timer);
  },
};
