import { Ajv2020 } from 'ajv/dist/2020';
import { Application, SECRET } from '../helpers/application';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { bodyOf, startWebServer } from '../helpers/web-server';

const METRICS_TOKEN = 'for-tests-Zt4nYb7cLd9S';
const TEST = { method: 'POST' };

async function startTold(status: number) {
  const application = new Application();
  const server = await startWebServer(async (request, response) => {
    application.take(request.headers, await bodyOf(request));
    response.writeHead(status).end();
  });
  const webhooks = { webhookUrl: server.url, webhookSigningSecret: SECRET };
  const host = await startHost({ ...webhooks, adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });
  return { application, ...host };
}

test('an operator sends a test, and hears whether it has arrived', async () => {
  const { port, application } = await startTold(204);
  expect((await ask(port, '/api/webhook/test', TEST)).json).toEqual({
    ...{ delivered: true, milliseconds: expect.any(Number) },
  });
  expect(application.types()).toEqual(['webhook.test']);
  const refusing = await startTold(401);
  expect((await ask(refusing.port, '/api/webhook/test', TEST)).json).toEqual({
    ...{ delivered: false, problem: 'status 401', milliseconds: expect.any(Number) },
  });
});

test('a viewer sends none, and where no application is told there is none to send', async () => {
  const { port, application } = await startTold(204);
  const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
  expect((await ask(port, '/api/webhook/test', { ...TEST, headers })).status).toBe(403);
  expect(application.heard).toEqual([]);
  const plain = await startHost({ adminToken: ADMIN_TOKEN });
  expect((await ask(plain.port, '/api/webhook/test', TEST)).status).toBe(404);
});

test('metrics count what was delivered and what waits', async () => {
  const { port, application, join } = await startTold(204);
  await join('salon', 'alice');
  await application.until(() => application.rooms.salon !== undefined);
  const { body } = await ask(port, '/metrics');
  expect(body).toMatch(/^conference_webhook_deliveries_total\{outcome="delivered"\} [1-9]/m);
  expect(body).toMatch(/^conference_webhook_up 1$/m);
  expect(body).toMatch(/^conference_webhook_queued_notices 0$/m);
  expect(body).not.toMatch('salon');
});

test('what an application hears is as OpenAPI describes it', async () => {
  const { port, application, host, open } = await startTold(204);
  open('/?room=salon');
  await open('/?room=salon&streamName=alice').until('alice');
  await application.until(() => application.rooms.salon?.length === 1);
  host.remove(host.members('salon')[0]?.id ?? 0);
  await ask(port, '/api/webhook/test', TEST);
  const { json } = await ask(port, '/api/openapi.json');
  const { webhooks } = json as { webhooks: Record<string, object> };
  const types = () => [...new Set(application.types())].sort();
  await application.until(() => types().length === Object.keys(webhooks).length);
  expect(types()).toEqual(Object.keys(webhooks).sort());

  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(json as object, 'openapi.json');
  for (const { id: _id, ...event } of application.heard) {
    const valid = ajv.validate({ $ref: `openapi.json#/components/schemas/Event.${event.type}` }, event);
    expect([event, valid, ajv.errors]).toEqual([event, true, null]);
  }
});
