/** A room's list, as one participant receives it. */
import { make } from '../dom';

/** Changes only what is different, so that screen readers announce only that. */
export function showRoster(roster: HTMLElement, streams: readonly string[], own: string): void {
  const shown = new Map(Array.from(roster.children, (item) => [item.getAttribute('data-name'), item]));
  const wanted = new Set(streams);
  for (const [name, item] of shown) if (name === null || !wanted.has(name)) item.remove();
  for (const [place, name] of streams.entries()) {
    const item = shown.get(name) ?? rosterItem(name, name === own);
    if (roster.children[place] !== item) roster.insertBefore(item, roster.children[place] ?? null);
  }
}

function rosterItem(name: string, isOwn: boolean): HTMLLIElement {
  const item = make('li', { 'data-name': name }, make('span', { class: 'name' }, name));
  if (isOwn) item.append(make('span', { class: 'you' }, 'this one'));
  return item;
}
