/** What needs a token: rooms, events and metrics. */
import { addEventsApi } from './events-api';
import { Metrics } from './metrics';
import { openApi } from './openapi';
import type { App, HttpParts } from './parts';
import { askedToRemove, roomsApi } from './rooms-api';
import { Sampler } from './sampler';
import { Tokens } from './token';

export interface Admin {
  readonly tokens: Tokens;
  close(): void;
}

export function addAdmin(app: App, parts: HttpParts): Admin {
  const sampler = new Sampler(parts.events, parts.rooms);
  const metrics = new Metrics(parts);
  const tokens = new Tokens(parts);
  tokens.guard(app, '/api/*', 'api', askedToRemove);
  tokens.guard(app, '/metrics', 'metrics');
  const api = roomsApi(parts);
  addEventsApi(api, sampler, parts);
  api.get('/openapi.json', (context) => context.json(openApi));
  app.route('/api', api);
  app.get('/metrics', async (context) => {
    return context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType });
  });
  return { tokens, close: () => sampler.close() };
}
