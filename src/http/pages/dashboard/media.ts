/** What is known of a room's media, in words: nothing where every stream has both, or no media server is asked. */
import type { RoomDetails } from '../../shapes';
import { span } from '../format';

type StreamMedia = NonNullable<RoomDetails['media']>[number];

/** Names of a kind that are spelled out. */
const SHOWN = 20;

export function mediaInWords(media: readonly StreamMedia[]): string {
  const byMedia = media.filter(({ heldBy }) => heldBy === 'media');
  const bySocket = media.filter(({ heldBy }) => heldBy === 'socket');
  const lines = [
    ['Live without a socket', byMedia.map(withDuration)],
    ['Not known to be live', bySocket.map(({ stream }) => stream)],
  ] as const;
  return lines
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what}: ${listed(names)}`)
    .join(' · ');
}

function withDuration({ stream, liveSince }: StreamMedia): string {
  return liveSince === undefined ? stream : `${stream} (${span(Date.now() - liveSince)})`;
}

function listed(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
