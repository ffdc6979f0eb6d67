/** The state of this node, and of its link to the others. */
import type { Figures } from '../../shapes';
import { byId, make, setText } from '../dom';
import { clock, count, plural, span } from '../format';

const BACKPLANE_STATES: Readonly<Record<string, 'good' | 'warn'>> = { alone: 'good', live: 'good' };

const state = byId('state', HTMLElement);
const link = byId('link', HTMLElement);
const health = byId('health', HTMLElement);
const backplane = byId('backplane', HTMLElement);
const role = byId('role', HTMLElement);
const node = byId('node', HTMLElement);
const longer = byId('longer', HTMLElement);

export function showState(figures: Figures): void {
  const { version, node: machine, startedAt, ready, access } = figures;
  state.hidden = health.hidden = backplane.hidden = false;
  chip(link, 'good', 'Live');
  chip(health, ready && figures.health.status === 'ok' ? 'good' : 'warn', wordsFor(figures));
  showBackplane(figures);
  role.hidden = access === 'everything';
  setText(node, `${machine} · version ${version} · up for ${span(Date.now() - startedAt)}`);
  showDegradations(figures);
  showOlder(figures);
}

/** The host does not answer, so nothing else is known of it. */
export function showAway(since: number | undefined): void {
  state.hidden = false;
  health.hidden = backplane.hidden = true;
  const words = since === undefined ? '' : ` since ${clock(since)}`;
  chip(link, 'bad', `The host does not answer${words}; retrying`);
}

export function hideState(): void {
  state.hidden = true;
}

/** What is older than the plots is a link away. */
function showOlder({ grafanaUrl }: Figures): void {
  if (grafanaUrl === undefined || longer.hasChildNodes()) return;
  longer.append(make('a', { href: grafanaUrl, target: '_blank', rel: 'noreferrer' }, 'Older, in Grafana'));
}

function wordsFor({ ready, health: { status } }: Figures): string {
  if (!ready) return 'Draining';
  return status === 'ok' ? 'Healthy' : 'Degraded';
}

function showBackplane({ health: facts, cluster }: Figures): void {
  const { state: link, nodes } = facts.backplane;
  const missing = cluster.nodes.filter((node) => node.missing);
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'does' : 'do';
    chip(backplane, 'warn', `${count(missing.length)} of ${plural(nodes.length, 'node')} ${verb} not answer`);
  } else {
    const words = link === 'alone' ? 'One node' : `${plural(nodes.length, 'node')}, ${link}`;
    chip(backplane, BACKPLANE_STATES[link] ?? 'warn', words);
  }
}

function chip(element: HTMLElement, colour: string, words: string): void {
  element.dataset.state = colour;
  setText(element, words);
}

function showDegradations({ health: { degradations } }: Figures): void {
  byId('degraded', HTMLElement).hidden = degradations.length === 0;
  const lines = degradations.map(({ part, since, reason }) => `${part}, since ${clock(since)}: ${reason}`);
  byId('degradations', HTMLElement).replaceChildren(...lines.map((line) => make('li', {}, line)));
}
