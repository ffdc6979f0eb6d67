/** Health: strangers learn only whether the host works, a token shows the rest. */
import { version } from '../version';
import type { App, HttpParts } from './parts';
import type { Access, Health } from './shapes';
import type { Tokens } from './token';

const NO_STORE = { 'Cache-Control': 'no-store' };

/** @param tokens undefined if no token is set; a wrong token counts as a guess here too */
export function addHealth(app: App, { ready, health }: HttpParts, tokens: Tokens | undefined): void {
  app.get('/healthz', (context) => {
    const access = tokens?.judge(context, 'health');
    if (access instanceof Response) return access;
    const now = health();
    return context.json(access === undefined ? { status: now.status } : details(now, access), 200, NO_STORE);
  });
  app.get('/readyz', (context) => {
    const isReady = ready();
    return context.json({ ready: isReady }, isReady ? 200 : 503, NO_STORE);
  });
}

/** The reasons only for those who may see everything: to monitoring they may reveal the network. */
function details({ status, degradations, backplane }: Health, access: Access) {
  const degraded = degradations.map(({ part, since, reason }) =>
    access === 'everything' ? { part, since, reason } : { part, since },
  );
  const nodes = backplane.nodes.map(({ id, self, state, startedAt, rooms }) => ({
    ...{ id, self, state, rooms },
    seconds: Math.round((Date.now() - startedAt) / 1000),
  }));
  return { status, version, degraded, nodes };
}
