/** The nodes of the cluster, and which of them did not answer. */
import type { Missing, NodeSummary } from '../../shapes';
import { byId, make } from '../dom';
import { clock, count, span } from '../format';

const card = byId('nodes-card', HTMLElement);
const body = byId('nodes', HTMLElement);

export function showNodes(nodes: readonly NodeSummary[]): void {
  card.hidden = nodes.length < 2;
  if (!card.hidden) body.replaceChildren(...nodes.map(rowOf));
}

function rowOf({ id, machine, self, startedAt, version, rooms, ...rest }: NodeSummary): HTMLElement {
  return make(
    'tr',
    {},
    make('td', { class: 'name' }, self ? `${machine} (this one)` : machine),
    make('td', { class: 'nowrap' }, id),
    make('td', {}, rest.missing === true ? withSince('does not answer', rest.since) : rest.state),
    make('td', { class: 'number' }, version),
    make('td', { class: 'number' }, span(Date.now() - startedAt)),
    make('td', { class: 'number' }, rooms === undefined ? '–' : count(rooms)),
    make('td', { class: 'number' }, socketsInWords(rest)),
  );
}

/** The node's sockets, of as many as it may have. */
function socketsInWords({ limits = [] }: Partial<NodeSummary>): string {
  const sockets = limits.find(({ name }) => name === 'MAX_CONNECTIONS');
  return sockets === undefined ? '–' : `${count(sockets.used)} of ${count(sockets.most)}`;
}

/** Which nodes' part is left out, and since when they are silent; empty if none. */
export function missingInWords(missing: readonly Missing[]): string {
  if (missing.length === 0) return '';
  const nodes = missing.map(({ node, machine, since }) => withSince(`${machine} (${node})`, since));
  return `Without what is on ${nodes.join(' and ')}: no answer from there.`;
}

function withSince(what: string, since: number | undefined): string {
  return since === undefined ? what : `${what}, last heard at ${clock(since)}`;
}
