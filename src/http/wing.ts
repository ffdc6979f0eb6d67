/** Everything over plain http: pages, API, metrics, health. Loaded only once the host listens. */
import type { RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono, type Next } from 'hono';
import { queryParameters } from '../conference/protocol';
import type { Admin } from './admin';
import { addAssets } from './assets';
import { addDocuments } from './documents';
import { addHealth } from './health';
import { addHostFacts, addressesFor } from './host-facts';
import type { App, HttpParts, RequestContext, WebhookParts } from './parts';
import { problem } from './problem';

/** For requests without a Host header: HTTP/1.0, which load balancers use for health checks, does not need one. */
const HOST = 'localhost';

export interface HttpWing {
  readonly listener: RequestListener;
  close(): void;
}

export function createHttpWing(parts: HttpParts): HttpWing {
  const app: App = new Hono();
  app.use('/', landOrUpgrade(parts));
  addAssets(app, (request) => addressesFor(parts, request));
  addHostFacts(app, parts);
  addDocuments(app);
  const { adminToken, metricsToken } = parts;
  const isOpen = adminToken !== undefined || metricsToken !== undefined;
  const admin = isOpen ? openAdmin(app, parts) : undefined;
  addHealth(app, parts, admin?.tokens);
  if (parts.webhook !== undefined) openWebhook(app, parts, parts.webhook);
  app.all('/api/*', (context) => problem(context, 404, 'not_found', 'there is nothing here'));
  app.notFound(nothingHere(parts));
  app.onError((error, context) => {
    parts.onError(error);
    return problem(context, 500, 'internal', 'internal error; see the log');
  });
  return {
    listener: nosniff(getRequestListener(app.fetch, { overrideGlobalObjects: false, hostname: HOST })),
    close: () => admin?.close(),
  };
}

/** Loaded only if a token is set. */
function openAdmin(app: App, parts: HttpParts): Admin {
  const { addAdmin } = require('./admin') as typeof import('./admin');
  return addAdmin(app, parts);
}

/** Loaded only if it is on. */
function openWebhook(app: App, parts: HttpParts, webhook: WebhookParts): void {
  const { addWebhook } = require('./webhook') as typeof import('./webhook');
  addWebhook(app, parts, webhook);
}

/** On all responses, including errors: browsers must not treat text as a page or a script. */
function nosniff(listener: RequestListener): RequestListener {
  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    listener(request, response);
  };
}

/** A browser that opens a WebSocket address gets the landing page; other programs get a 426. */
function landOrUpgrade(parts: HttpParts) {
  return async (context: RequestContext, next: Next): Promise<Response | undefined> => {
    const browser = context.req.header('accept')?.includes('text/html');
    if (wantsRoom(context) && !browser) return refuse(parts, context);
    await next();
    return undefined;
  };
}

function nothingHere(parts: HttpParts) {
  return (context: RequestContext) => {
    if (wantsRoom(context)) return refuse(parts, context);
    return context.text('not found: this is a conference host, see / for how to use it\n', 404);
  };
}

/** A handshake becomes such a request when a proxy drops its Upgrade header. */
function wantsRoom(context: RequestContext): boolean {
  return queryParameters(context.env.incoming.url ?? '').has('room');
}

function refuse({ upgradeRequired, clientAddress, events }: HttpParts, context: RequestContext): Response {
  const { incoming } = context.env;
  const { name, code, reason, headers } = upgradeRequired(incoming);
  events.emit('refused', { name, code, reason, address: clientAddress(incoming) });
  const text = { Connection: 'Upgrade, close', 'Content-Type': 'text/plain; charset=utf-8' };
  return new Response(`${reason}\n`, { status: code, headers: { ...headers, ...text } });
}
