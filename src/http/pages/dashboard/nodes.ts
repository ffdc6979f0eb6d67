/** The nodes of the cluster, and which of them did not answer. */
import type { Health } from '../../shapes';
import { byId, make } from '../dom';
import { clock, count, span } from '../format';
import type { MissingNode } from './types';

const card = byId('nodes-card', HTMLElement);
const body = byId('nodes', HTMLElement);

export function showNodes({ backplane: { nodes } }: Health, missing: readonly MissingNode[]): void {
  card.hidden = nodes.length === 0;
  const silent = new Map(missing.map(({ node, since }) => [node, since]));
  const rows = nodes.map(({ id, machine, self, state, startedAt, rooms, streams }) =>
    make(
      'tr',
      {},
      make('td', { class: 'name' }, self ? `${machine} (this one)` : machine),
      make('td', { class: 'nowrap' }, id),
      make('td', {}, silent.has(id) ? withSince('does not answer', silent.get(id)) : state),
      make('td', { class: 'number' }, span(Date.now() - startedAt)),
      make('td', { class: 'number' }, count(rooms)),
      make('td', { class: 'number' }, count(streams)),
    ),
  );
  body.replaceChildren(...rows);
}

/** Which nodes' part is left out, and since when they are silent; empty if none. */
export function missingInWords(missing: readonly MissingNode[]): string {
  if (missing.length === 0) return '';
  const nodes = missing.map(({ node, machine, since }) => withSince(`${machine} (${node})`, since));
  return `Without what is on ${nodes.join(' and ')}: no answer from there.`;
}

function withSince(what: string, since: number | undefined): string {
  return since === undefined ? what : `${what}, last heard at ${clock(since)}`;
}
