/** Where the media server posts. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { TestLog } from '../helpers/log';
import { postHint, Red5, WEBHOOK_SECRET } from '../helpers/red5';
import { startRed5Host } from '../helpers/red5-host';

const PUBLISHED = JSON.stringify({ event: 'stream-published', guid: 'live/red5/obs' });

const post = (port: number, path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: PUBLISHED, ...init }).then(
    async (response) => ({ status: response.status, body: await response.text() }),
  );

async function start(more: object = {}) {
  const red5 = await Red5.start();
  const host = await startRed5Host({ ...red5.standalone, roster: 'both', ...more });
  return { red5, ...host };
}

test('what is wrong is a 404 like any other, and says no more', async () => {
  const { port } = await start();
  const nothing = await post(port, '/nothing');
  for (const path of [
    '/webhook',
    '/webhook/',
    `/webhook/${WEBHOOK_SECRET}x`,
    `/webhook/${WEBHOOK_SECRET.slice(1)}`,
    `/webhook/${WEBHOOK_SECRET.toUpperCase()}`,
    `/webhook/${WEBHOOK_SECRET}/more`,
    `/webhook/?${WEBHOOK_SECRET}`,
    `/x/webhook/${WEBHOOK_SECRET}`,
  ]) {
    expect(await post(port, path)).toEqual(nothing);
  }
  expect(nothing.status).toBe(404);
  expect(await post(port, `/webhook/${WEBHOOK_SECRET}`, { method: 'GET', body: null })).toEqual(nothing);
});

test('without a secret there is nothing', async () => {
  const { port } = await startHost();
  expect(await postHint(port, 'stream-published', 'live/red5/obs')).toBe(404);
});

test('a host that asks a server and has no secret has no path either', async () => {
  const { port } = await start({ red5WebhookSecret: undefined });
  expect(await postHint(port, 'stream-published', 'live/red5/obs')).toBe(404);
});

test('bodies that do not say how long they are, and long ones, are taken', async () => {
  const { port, join } = await start();
  const anna = join('red5', 'anna');
  await anna.until('anna');
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(PUBLISHED));
      controller.close();
    },
  });
  const path = `/webhook/${WEBHOOK_SECRET}`;
  expect(await post(port, path, { body, duplex: 'half' } as RequestInit)).toMatchObject({ status: 204 });
  await anna.until('anna', 'obs');
  const long = { event: 'stream-published', guid: 'live/red5/cam', userAgent: 'x'.repeat(10_000) };
  expect(await post(port, path, { body: JSON.stringify(long) })).toMatchObject({ status: 204 });
  await anna.until('anna', 'obs', 'cam');
});

test('every webhook on a connection is taken, also the last that it may carry', async () => {
  const { port } = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses = new Set<number | undefined>();
  for (let count = 0; count < 250; count++) {
    const path = `/webhook/${WEBHOOK_SECRET}`;
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', agent }).end(PUBLISHED);
    const [response]: [IncomingMessage] = (await once(asked, 'response')) as [IncomingMessage];
    statuses.add(response.statusCode);
    await once(response.resume(), 'end');
  }
  agent.destroy();
  expect([...statuses]).toEqual([204]);
});

test('a webhook that ends in the middle of its body is no error of the host', async () => {
  const log = new TestLog();
  const { port } = await start({ logger: log.logger, adminToken: ADMIN_TOKEN });
  const socket = connect(port, '127.0.0.1');
  const head = `POST /webhook/${WEBHOOK_SECRET} HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n`;
  socket.end(`${head}{"event":`);
  const metrics = async () => (await ask(port, '/metrics')).body;
  while (!(await metrics()).includes('hints_total{outcome="malformed"} 1'));
  expect(log.text).not.toMatch('failed');
});

test('a slash at the end is taken, and a missing secret is said in the log', async () => {
  const log = new TestLog();
  const { port } = await start({ logger: log.logger });
  expect((await post(port, `/webhook/${WEBHOOK_SECRET}/`)).status).toBe(204);
  await post(port, '/webhook');
  expect(await log.line('wrong token')).toMatchObject({ area: 'webhook', outcome: 'wrong' });
});

test('a body of more than 16 KiB is not read to its end', async () => {
  const { port } = await start();
  const body = JSON.stringify({ event: 'x', guid: 'x'.repeat(17_000) });
  expect((await post(port, `/webhook/${WEBHOOK_SECRET}`, { body })).status).toBe(413);
});

test.each([
  ['no JSON', '{', 400],
  ['nothing', '', 400],
  ['a list', '[]', 400],
  ['null', 'null', 400],
  ['no event', '{}', 400],
  ['an event that is a number', '{"event":1}', 400],
  ['a stream without a name', '{"event":"stream-published"}', 400],
  ['a name that is a list', '{"event":"stream-published","guid":["live/red5/obs"]}', 400],
  ['an event of another kind', '{"event":"connection-connect","username":null}', 204],
  ['an event that nobody knows', '{"event":"constructor","guid":"live/red5/obs"}', 204],
  ['a stream of another app', '{"event":"stream-published","guid":"vod/red5/obs"}', 204],
  ['a stream in no room', '{"event":"stream-published","guid":"live/obs"}', 204],
  ['a name with a control character', '{"event":"stream-published","guid":"live/red5/o\\u0000bs"}', 204],
  ['half a character', '{"event":"stream-published","guid":"live/red5/\\ud800"}', 204],
  ['an empty name', '{"event":"stream-published","guid":"live/red5/"}', 204],
  ['a long name', `{"event":"stream-published","guid":"live/red5/${'x'.repeat(257)}"}`, 204],
])('%s lists nobody', async (_what, body, status) => {
  const { port, join } = await start();
  const anna = join('red5', 'anna');
  await anna.until('anna');
  expect((await post(port, `/webhook/${WEBHOOK_SECRET}`, { body })).status).toBe(status);
  await post(port, `/webhook/${WEBHOOK_SECRET}`);
  expect(await anna.until('anna', 'obs')).toHaveLength(1);
});

test('a room may be nested, and other members hear of none of it', async () => {
  const { port, join } = await start();
  const anna = join('a/b', 'anna');
  const ben = join('a', 'ben');
  await anna.until('anna');
  await ben.until('ben');
  expect(await postHint(port, 'stream-published', 'live/a/b/obs')).toBe(204);
  await anna.until('anna', 'obs');
  expect(ben.unread()).toEqual([]);
});

test('neither secret nor access token are ever logged, and wrong secrets are', async () => {
  const log = new TestLog();
  const { port, red5 } = await start({ logger: log.logger, adminToken: ADMIN_TOKEN });
  await postHint(port, 'stream-published', 'live/red5/obs');
  await postHint(port, 'stream-published', 'live/red5/obs', { secret: 'wrong' });
  expect(await log.line('wrong token')).toMatchObject({ area: 'webhook', outcome: 'wrong' });
  const { body } = await ask(port, '/metrics');
  expect(body).toMatch('conference_media_hints_total{outcome="published"} 1');
  expect(log.text + body).not.toMatch(WEBHOOK_SECRET);
  expect(log.text + body).not.toMatch(red5.standalone.red5AccessToken);
});
