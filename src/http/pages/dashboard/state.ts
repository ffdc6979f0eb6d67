/** The state of this node and of its link to the others. */
import type { Figures, Health } from '../../shapes';
import { byId, make, setText } from '../dom';
import { clock, count, span } from '../format';

const BACKPLANE_STATES: Readonly<Record<string, 'good' | 'warn'>> = { alone: 'good', live: 'good' };

const link = byId('link', HTMLElement);
const health = byId('health', HTMLElement);
const backplane = byId('backplane', HTMLElement);
const node = byId('node', HTMLElement);

export function showState({ version, node: machine, startedAt, ready, health: facts }: Figures): void {
  showLink('good', 'Live');
  chip(health, ready && facts.status === 'ok' ? 'good' : 'warn', wordsFor(ready, facts));
  chip(backplane, BACKPLANE_STATES[facts.backplane.state] ?? 'warn', backplaneWords(facts));
  setText(node, `${machine} · version ${version} · up for ${span(Date.now() - startedAt)}`);
  showDegradations(facts);
  showNodes(facts);
}

export function showLink(state: 'good' | 'warn' | 'bad', words: string): void {
  chip(link, state, words);
}

function wordsFor(ready: boolean, { status }: Health): string {
  if (!ready) return 'Draining';
  return status === 'ok' ? 'Healthy' : 'Degraded';
}

function backplaneWords({ backplane: { state, nodes } }: Health): string {
  return state === 'alone' ? 'One node' : `${count(nodes.length)} nodes, ${state}`;
}

function chip(element: HTMLElement, state: string, words: string): void {
  element.dataset.state = state;
  setText(element, words);
}

function showDegradations({ degradations }: Health): void {
  byId('degraded', HTMLElement).hidden = degradations.length === 0;
  const lines = degradations.map(({ part, since, reason }) => `${part}, since ${clock(since)}: ${reason}`);
  byId('degradations', HTMLElement).replaceChildren(...lines.map((line) => make('li', {}, line)));
}

function showNodes({ backplane: { nodes } }: Health): void {
  byId('nodes-card', HTMLElement).hidden = nodes.length === 0;
  const rows = nodes.map(({ machine, self, state, startedAt, rooms, streams }) =>
    make(
      'tr',
      {},
      make('td', { class: 'name' }, self ? `${machine} (this one)` : machine),
      make('td', {}, state),
      make('td', { class: 'number' }, span(Date.now() - startedAt)),
      make('td', { class: 'number' }, count(rooms)),
      make('td', { class: 'number' }, count(streams)),
    ),
  );
  byId('nodes', HTMLElement).replaceChildren(...rows);
}
