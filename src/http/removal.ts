/** An operator's removals: members are closed, and their publishing is ended where the media server can be asked. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Ended, MediaView } from '../conference/media-status';
import type { Ending, ListedMember } from './parts';
import type { MediaRemoved } from './shapes';

/** Milliseconds of one turn of the loop in which members are removed: a crowd takes many, so that nobody else waits. */
const SLICE = 5;
/** Streams that are ended at a time. */
const ENDED_AT_A_TIME = 8;
/** Failures in a row after which the server is asked no more: an operator waits for the answer. */
const MOST_FAILURES = 8;

/** The first are out of their rooms when this returns, the last when it is done. */
export async function removeAll(members: Iterable<ListedMember>, removed: Ending): Promise<void> {
  let until = performance.now() + SLICE;
  for (const member of [...members]) {
    if (performance.now() >= until) {
      await nextTurn();
      until = performance.now() + SLICE;
    }
    member.close(removed);
  }
}

/** Ends the publishing of these streams, and says of how many that is done. */
export async function endPublishing(
  media: MediaView,
  room: string,
  streams: Iterable<string>,
): Promise<MediaRemoved> {
  const counts: Record<Ended, number> = { ended: 0, not_publishing: 0, failed: 0, cannot_be_asked: 0 };
  const waiting = [...new Set(streams)];
  let failures = 0;
  const work = async () => {
    for (let stream = waiting.shift(); stream !== undefined; stream = waiting.shift()) {
      const ended = failures >= MOST_FAILURES ? 'failed' : await media.end(room, stream);
      failures = ended === 'failed' ? failures + 1 : 0;
      counts[ended]++;
    }
  };
  await Promise.all(Array.from({ length: ENDED_AT_A_TIME }, work));
  const { ended, not_publishing: notPublishing, failed, cannot_be_asked: cannotBeAsked } = counts;
  return { ended, notPublishing, onAir: failed + cannotBeAsked };
}
