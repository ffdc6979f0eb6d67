/** What only the admin token opens: rooms, events and metrics. */
import { addEventsApi } from './events-api';
import { Metrics } from './metrics';
import { openApi } from './openapi';
import type { App, HttpParts } from './parts';
import { roomsApi } from './rooms-api';
import { Sampler } from './sampler';
import { requireToken } from './token';

/** @returns what ends it */
export function addAdmin(app: App, parts: HttpParts, adminToken: string): () => void {
  const sampler = new Sampler(parts.events, parts.rooms);
  const metrics = new Metrics(parts);
  const guard = requireToken(adminToken);
  app.use('/api/*', guard);
  app.use('/metrics', guard);
  const api = roomsApi(parts);
  addEventsApi(api, sampler, parts);
  api.get('/openapi.json', (context) => context.json(openApi));
  app.route('/api', api);
  app.get('/metrics', async (context) => {
    return context.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType });
  });
  return () => sampler.close();
}
