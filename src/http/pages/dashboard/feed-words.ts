/** What happened, in words. */
import type { Happening, Visit } from '../../shapes';
import { make } from '../dom';
import { plural } from '../format';

const WORDS = { join: 'joined', leave: 'left', refusal: 'was refused' } as const;

export function whatHappened({ kind, streamName, ...rest }: Happening | Visit): (Node | string)[] {
  if (kind === 'removal') return [removalInWords(rest)];
  const who = make('span', { class: 'name' }, streamName ?? 'Somebody');
  const what = make('span', { class: 'what' }, WORDS[kind]);
  const { code, name, reason }: Partial<Happening> = rest;
  const why = [code, name, reason].filter((word) => word !== undefined).join(' · ');
  return kind === 'refusal' ? [who, ' ', what, make('p', { class: 'small muted' }, why)] : [who, ' ', what];
}

function removalInWords({ by = 'operator', outcome, removed = 0, member }: Partial<Happening>): HTMLElement {
  const whom = member === undefined ? 'everybody' : `member ${member}`;
  if (outcome === 'removed')
    return make('span', { class: 'what' }, `The ${by} removed ${plural(removed, 'member')}`);
  const ends = { forbidden: 'may not', unreachable: 'could not', not_found: 'found nobody' } as const;
  return make(
    'span',
    { class: 'what' },
    `The ${by} asked to remove ${whom}: ${ends[outcome ?? 'not_found']}`,
  );
}
