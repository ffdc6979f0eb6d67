/** What needs a token: rooms, events and metrics. */
import { Hono } from 'hono';
import { version } from '../version';
import { askedToRemove } from './asked-to-remove';
import { Asking } from './cluster/asking';
import { Cluster } from './cluster/cluster';
import { eventsRoute } from './events-api';
import { Happenings } from './happenings';
import { hooksRoutes } from './hooks-api';
import { messageRoutes } from './message-api';
import { Metrics } from './metrics';
import { openApi } from './openapi';
import { ordersRoutes } from './orders-api';
import { ownAnswers } from './own-answers';
import type { App, HttpParts } from './parts';
import { roomsRoutes } from './rooms-api';
import { addRoutes } from './route';
import { Sampler } from './sampler';
import { Tokens } from './token';
import { Watch } from './watch';

export interface Admin {
  readonly tokens: Tokens;
  close(): void;
}

export function addAdmin(app: App, parts: HttpParts): Admin {
  const startedAt = Date.now();
  const sampler = new Sampler(parts.events, parts.rooms);
  const metrics = new Metrics(parts);
  const tokens = new Tokens(parts);
  tokens.guard(app, '/api/*', 'api', askedToRemove);
  tokens.guard(app, '/metrics', 'metrics');
  const asking = new Asking({
    status: parts.backplane.status,
    look: parts.backplane.look,
    questions: parts.questions,
    answers: ({ name }) => ownAnswers(parts, new Happenings(parts.events, name), name),
  });
  const cluster = new Cluster(asking, startedAt, version);
  const watch = new Watch(asking, cluster, sampler);
  const orders = parts.policies && ordersRoutes(parts, parts.policies, cluster);
  const routes = [
    ...roomsRoutes(parts, cluster),
    ...(orders ?? []),
    ...messageRoutes(parts, cluster),
    eventsRoute(parts, startedAt, sampler, watch),
    ...hooksRoutes(parts),
  ];
  const api: App = new Hono();
  addRoutes(api, routes);
  api.get('/openapi.json', (context) => context.json(openApi(routes)));
  app.route('/api', api);
  app.get('/metrics', async (context) => {
    return context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType });
  });
  return {
    tokens,
    close: () => sampler.close(),
  };
}
