/** A webhook of the media server, read. It has no signature, no id and no time, so it is no more than a hint. */
import type { HintOutcome } from '../conference/media-status';
import { readPath, type StreamPath } from './path';

export interface Hint extends StreamPath {
  readonly outcome: 'published' | 'unpublished';
}

interface NoHint {
  readonly outcome: Exclude<HintOutcome, Hint['outcome']>;
}

const EVENTS: ReadonlyMap<unknown, Hint['outcome']> = new Map<unknown, Hint['outcome']>([
  ['stream-published', 'published'],
  ['stream-unpublished', 'unpublished'],
]);

export function readHint(app: string, body: string): Hint | NoHint {
  const posted = parse(body);
  if (posted === undefined || typeof posted.event !== 'string') return { outcome: 'malformed' };
  const outcome = EVENTS.get(posted.event);
  if (outcome === undefined) return { outcome: 'other' };
  if (typeof posted.guid !== 'string') return { outcome: 'malformed' };
  const path = readPath(app, posted.guid);
  if (path === undefined) return { outcome: 'elsewhere' };
  return path === 'bad name' ? { outcome: 'bad_name' } : { ...path, outcome };
}

function parse(body: string): { readonly event?: unknown; readonly guid?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
