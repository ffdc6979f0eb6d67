/** What is known of media, in words. */
import type { MediaRemoved, RoomDetails } from '../../shapes';
import { plural, span } from '../format';

type StreamMedia = NonNullable<RoomDetails['media']>[number];

/** What holds a stream of a roster, where a media server is asked. */
export function holderInWords({ heldBy, listed, liveSince }: StreamMedia): string {
  const live = liveSince === undefined ? 'live' : `live for ${span(Date.now() - liveSince)}`;
  const holder = { both: live, media: `${live}, without a socket`, socket: 'not known to be live' }[heldBy];
  return listed ? holder : `${holder}, not in the roster`;
}

/** What became of the publishing of those who were removed. */
export function mediaInWords({ ended, notPublishing, onAir }: MediaRemoved): string {
  const parts = [
    ended > 0 ? `${plural(ended, 'stream')} taken off the air` : '',
    notPublishing > 0 ? `${plural(notPublishing, 'stream')} not on the air` : '',
    onAir > 0
      ? `${plural(onAir, 'stream')} may be on the air still: the media server could not be asked`
      : '',
  ].filter(Boolean);
  return parts.length === 0 ? '' : `${parts.join('; ')}.`;
}
