/** The stream of figures, once per second. It reconnects when the host goes away. */
import type { Figures } from '../../shapes';
import { type Api, ApiProblem } from './api';

/** Milliseconds between two attempts. */
const RETRY = 1_500;
/** Milliseconds without an event before the connection counts as lost. Events come every second. */
const SILENCE = 6_000;

export interface FeedListener {
  onFigures(figures: Figures): void;
  /** The host does not answer. */
  onAway(): void;
  /** The host rejects the token, or has none set; the feed has ended. */
  onRefused(problem: ApiProblem): void;
}

/** @returns a function that ends the feed */
export function openFeed(api: Api, listener: FeedListener): () => void {
  const ended = new AbortController();
  void follow(api, listener, ended.signal);
  return () => ended.abort();
}

async function follow(api: Api, listener: FeedListener, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    try {
      await read(api, listener, ended);
    } catch (error) {
      if (ended.aborted) return;
      if (error instanceof ApiProblem && (error.status === 401 || error.status === 404)) {
        listener.onRefused(error);
        return;
      }
    }
    if (ended.aborted) return;
    listener.onAway();
    await new Promise((resolve) => setTimeout(resolve, RETRY));
  }
}

async function read(api: Api, listener: FeedListener, ended: AbortSignal): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE);
  try {
    for await (const figures of api.figures(AbortSignal.any([ended, silence.signal]))) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE);
      listener.onFigures(figures);
    }
  } finally {
    clearTimeout(timer);
  }
}
