/** What happened, in words. */
import type { Happening, Visit } from '../../shapes';
import { make } from '../dom';
import { plural } from '../format';

type Removal = { [K in keyof Happening]?: Happening[K] | undefined };

const WORDS = { join: 'joined', leave: 'left', refusal: 'was refused' } as const;

export function whatHappened({ kind, streamName, ...rest }: Happening | Visit): (Node | string)[] {
  if (kind === 'removal') return [make('span', { class: 'what' }, removalInWords({ streamName, ...rest }))];
  if (kind === 'order') return [make('span', { class: 'what' }, orderInWords(rest))];
  const who = make('span', { class: 'name' }, streamName ?? 'Somebody');
  const what = make('span', { class: 'what' }, WORDS[kind]);
  const { code, name, reason }: Partial<Happening> = rest;
  const why = [code, name, reason].filter((word) => word !== undefined).join(' · ');
  return kind === 'refusal' ? [who, ' ', what, make('p', { class: 'small muted' }, why)] : [who, ' ', what];
}

function orderInWords({ by = 'operator', reason = '', removed = 0 }: Removal): string {
  return `The ${by}: ${reason}${removed > 0 ? `, which removed ${plural(removed, 'member')}` : ''}`;
}

/** A removal is of one member, of all that have a stream, or of all in a room. */
function removalInWords({ by = 'operator', outcome, ...asked }: Removal): string {
  const { removed = 0, member, streamName } = asked;
  const whom = streamName ?? (member === undefined ? 'everybody' : `member ${member}`);
  switch (outcome) {
    case 'removed':
      return `The ${by} removed ${streamName ?? plural(removed, 'member')}`;
    case 'forbidden':
      return `The ${by} may not remove ${whom}`;
    case 'unreachable':
      return `The ${by} could not remove ${whom}: a node does not answer`;
    default:
      return `The ${by} asked to remove ${whom}, who was not there`;
  }
}
