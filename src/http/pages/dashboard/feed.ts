/** The figures as they come, second by second; when the host goes away, the feed waits and comes back. */
import type { Figures } from '../../shapes';
import { type Api, ApiProblem } from './api';

/** Milliseconds between two tries. */
const RETRY = 1_500;
/** Milliseconds without an event, of which one comes each second, after which the connection counts as dead. */
const SILENCE = 6_000;

export interface FeedListener {
  onFigures(figures: Figures): void;
  /** The host does not answer. */
  onAway(): void;
  /** The host does not take the token, or has none; the feed has ended. */
  onRefused(problem: ApiProblem): void;
}

/** @returns what ends the feed */
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
