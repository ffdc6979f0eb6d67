/** Marks what was searched for. */
import { make } from '../dom';

/** A text with each place marked at which it has what was searched for, in whatever case. */
export function marked(text: string, search: string): (Node | string)[] {
  const wanted = search.toLowerCase();
  const found = text.toLowerCase();
  // A letter may be longer in lower case, such as İ: its places are then not those of the text.
  if (wanted === '' || found.length !== text.length) return [text];
  const parts: (Node | string)[] = [];
  let from = 0;
  for (let at = found.indexOf(wanted); at >= 0; at = found.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), make('mark', {}, text.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
