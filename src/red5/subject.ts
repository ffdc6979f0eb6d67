/** What the media server is asked about, as the poller keeps it. */
import type { Outcome } from './server-state';

export interface Subject {
  readonly name: string;
  /** One that is no more stays as long as it is asked about, or while its answer is to tell that the server is back. */
  isWatched: boolean;
  /** When its next regular question is due. */
  dueAt: number;
  cancelRegular: () => void;
  /** Ends what waits for a moment, since another node may have asked. */
  cancelLater: () => void;
  state: 'resting' | 'asking' | 'asking, and again';
  last: Outcome;
  /** Milliseconds that the last answer took. */
  took: number;
}

export function newSubject(name: string, dueAt: number): Subject {
  return {
    ...{ name, dueAt, isWatched: true, state: 'resting', last: undefined, took: 0 },
    ...{ cancelRegular: nothing, cancelLater: nothing },
  };
}

const nothing = () => {};
