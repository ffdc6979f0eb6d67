import { gzipSync } from 'node:zlib';
import type { Totals } from '../../src/http/shapes';
import { Members } from '../../src/sockets/members';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN, type Asking, ask, askRaw } from '../helpers/http';
import { TestLog } from '../helpers/log';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const METRICS_TOKEN = 'for-tests-Rb7mLx2cWq9T';

describe('pages', () => {
  test.each([
    ['/', 'text/html'],
    ['/dashboard', 'text/html'],
    ['/dashboard/rooms?room=..', 'text/html'],
    ['/dashboard/rooms/a%2Fb', 'text/html'],
    ['/client.js', 'text/javascript'],
    ['/pages/landing.js', 'text/javascript'],
    ['/pages/landing.css', 'text/css'],
    ['/pages/dashboard.js', 'text/javascript'],
    ['/pages/dashboard.css', 'text/css'],
    ['/pages/icon.svg', 'image/svg+xml'],
  ])('%s needs no token, loads nothing from elsewhere, and is fetched once', async (path, type) => {
    const { port } = await startHost({ adminToken: ADMIN_TOKEN });
    const { status, headers, body } = await ask(port, path, { headers: {} });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(type);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const links = body.match(/(?:src|href)="[^"]*"/g) ?? [];
    expect(links.filter((link) => /"(?:https?:)?\/\//.test(link))).toEqual([]);

    const etag = headers.get('etag') ?? '';
    const again = await ask(port, path, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.status, again.body]).toEqual([304, '']);
    const changed = await ask(port, path, { headers: { 'if-none-match': '"other"' } });
    expect(changed.status).toBe(200);
  });

  test.each([
    ['127.0.0.1', {}, 'same-origin'],
    ['localhost:8001', {}, 'same-origin'],
    ['[::1]:8001', {}, 'same-origin'],
    ['host.example', { 'X-Forwarded-Proto': 'https' }, 'same-origin'],
    ['192.168.1.5:8001', { Via: '1.1 proxy' }, 'same-origin'],
    ['192.168.1.5:8001', {}, undefined],
    ['laptop.local:8001', {}, undefined],
  ])(
    'at %s with %j it is kept from other windows: %s; over plain http, browsers only complain',
    async (Host, more, policy) => {
      const { port } = await startHost();
      const { headers } = await askRaw(port, '/dashboard', { Host, ...more });
      expect(headers['cross-origin-opener-policy']).toBe(policy);
    },
  );

  test('the start page is small, with all that it loads', async () => {
    const { port } = await startHost();
    const page = await ask(port, '/', { headers: BROWSER });
    const links = page.body.match(/(?<=(?:src|href)=")pages\/[^"]*/g) ?? [];
    const loaded = await Promise.all([...new Set(links)].map((link) => ask(port, `/${link}`)));
    expect(loaded.map(({ status }) => status)).toEqual([200, 200, 200]);
    const bytes = [page, ...loaded].reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
    expect(bytes).toBeLessThan(60_000);
  });

  test('the client library may be imported by pages of any origin, and is small', async () => {
    const { port } = await startHost();
    const { headers, body } = await ask(port, '/client.js', { headers: {} });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(gzipSync(body).length).toBeLessThan(3000);
    const map = await ask(port, `/${headers.get('sourcemap')}`, { headers: {} });
    const { sources, sourcesContent } = JSON.parse(map.body);
    expect(sources.join()).toMatch('src/client/room.ts');
    expect(sourcesContent.join()).toMatch('makes no changes to the one that it has');
  });
});

describe('plain requests', () => {
  const cases: [string, string, Asking, number, RegExp][] = [
    ['a path that nobody serves', '/wp-login.php', {}, 404, /^not found: this is a conference host/],
    ['a method that nobody takes', '/', { method: 'POST' }, 404, /^not found/],
    [
      'a handshake without Upgrade',
      '/?room=R&streamName=S',
      {},
      426,
      /^this is a conference host: open a Web/,
    ],
    ['a handshake without Upgrade, anywhere', '/chat?room=R', {}, 426, /^this is a conference host/],
    [
      'a browser at the address of a WebSocket',
      '/?room=R&streamName=S',
      { headers: BROWSER },
      200,
      /^<!doctype/,
    ],
    ['health', '/healthz', {}, 200, /^{"status":"ok"}$/],
    ['readiness', '/readyz', {}, 200, /^{"ready":true}$/],
  ];

  test.each(cases)('%s', async (_, target, asking, status, body) => {
    const { port } = await startHost();
    const answer = await ask(port, target, asking);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(body);
    if (status === 404) expect(answer.body).toMatch(/^.+\n$/);
    if (status === 426) expect(answer.headers.get('upgrade')).toBe('websocket');
  });

  test('a handshake that lost its Upgrade header on the way is a refusal: the log says where to look', async () => {
    const log = new TestLog();
    const { port } = await startHost({ adminToken: ADMIN_TOKEN, logger: log.logger });
    for (const target of ['/?room=R&streamName=S', '/chat?room=R&streamName=S']) {
      const { status, body } = await ask(port, target, { headers: { 'sec-websocket-version': '13' } });
      expect(status).toBe(426);
      expect(body).toMatch(/^the handshake came without its Upgrade header: a proxy on the way drops it\n$/);
    }
    await ask(port, '/?room=R&token=secret');
    const refused = { refusal: 'upgrade_required', code: 426, address: '127.0.0.1' };
    expect(await log.line('refused')).toMatchObject({ ...refused, reason: expect.stringMatching('a proxy') });
    expect(await log.line('refused')).toMatchObject(refused);
    expect(await log.line('refused')).toMatchObject({
      ...refused,
      reason: expect.stringMatching('^this is'),
    });
    expect(log.text).not.toMatch('secret');
    expect((await ask(port, '/metrics')).body).toMatch(
      'conference_refusals_total{refusal="upgrade_required"} 3\n',
    );
  });

  test.each([
    ['GET', '/', 200],
    ['GET', '/client.js', 200],
    ['GET', '/nowhere', 404],
    ['GET', '/chat?room=R', 426],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['GET', '/metrics', 200],
    ['GET', '/api/rooms', 200],
    ['HEAD', '/api/rooms', 200],
    ['GET', '/api/events', 200],
    ['DELETE', '/api/members/00000000-9', 404],
    ['GET', '/api/nothing', 404],
  ])('%s %s has nosniff on its answer', async (method, path, status) => {
    const { port } = await startHost({ adminToken: ADMIN_TOKEN });
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    await answer.body?.cancel();
  });

  test('so has the response to a failure, to a stranger, and to a host name that is not valid', async () => {
    const { port, raw } = await startHost({ adminToken: ADMIN_TOKEN });
    const nosniff = (headers: Headers) => expect(headers.get('x-content-type-options')).toBe('nosniff');
    const unauthorised = await ask(port, '/metrics', { headers: {} });
    expect(unauthorised.status).toBe(401);
    nosniff(unauthorised.headers);
    const [{ id: node } = { id: '' }] = ((await ask(port, '/api/totals')).json as Totals).nodes;
    const find = jest.spyOn(Members.prototype, 'find').mockImplementation(() => {
      throw new Error('for this test');
    });
    const failed = await ask(port, `/api/members/${node}-9`, { method: 'DELETE' });
    find.mockRestore();
    expect(failed.status).toBe(500);
    nosniff(failed.headers);
    const client = await raw();
    client.send('GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
    expect(await client.untilClosed()).toMatch(/^HTTP\/1.1 400 [\s\S]*nosniff/i);
  });

  test('a request target that is not valid HTTP does no harm', async () => {
    const { raw, join } = await startHost();
    const targets = [
      '//',
      '/%',
      '/%zz?%=%',
      '*',
      'http://other.example/x',
      '/?room=%ff',
      '/api/rooms/%',
      '/\u00ff',
    ];
    for (const target of targets) {
      const client = await raw();
      client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
      expect(await client.untilClosed()).toMatch(/^HTTP\/1.1 4\d\d /);
    }
    const noHost = await raw();
    noHost.send('GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
    expect(await noHost.untilClosed()).toMatch(/^HTTP\/1.1 400 /);
    await join('room', 'anna');
  });

  test('health names the degraded parts, and the reasons to those who may see everything', async () => {
    const { port, host } = await startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });
    host.events.emit('authority', { name: 'auth backend', problem: 'it answered 500' });
    host.events.emit('authority', { name: 'auth backend', problem: 'it does not answer' });
    const { status, json, body } = await ask(port, '/healthz', {
      headers: { authorization: `Bearer ${METRICS_TOKEN}` },
    });
    expect(status).toBe(200);
    const since = expect.any(Number);
    expect(json).toMatchObject({ status: 'degraded', degraded: [{ part: 'auth backend', since }] });
    expect(body).not.toMatch('answer');
    expect((await ask(port, '/healthz')).json).toMatchObject({
      degraded: [{ part: 'auth backend', since, reason: 'it does not answer' }],
    });
    host.events.emit('authority', { name: 'auth backend', problem: undefined });
    expect((await ask(port, '/healthz')).json).toMatchObject({ status: 'ok', degraded: [] });
  });

  test('a host that drains is alive, and not ready', async () => {
    const { port, host, join } = await startHost({ drainTimeout: 60 });
    const anna = await join('room', 'anna');
    const closed = host.close();
    expect(await ask(port, '/readyz')).toMatchObject({ status: 503, json: { ready: false } });
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
    await anna.leave();
    await closed;
  });

  test('no request target and no token is logged', async () => {
    const lines: string[] = [];
    const log = (...what: unknown[]) => lines.push(JSON.stringify(what));
    const logger = { debug: log, info: log, warn: log, error: log };
    const { port } = await startHost({ adminToken: ADMIN_TOKEN, logger });
    for (const target of ['/?token=secret', '/nowhere?token=secret', '/api/rooms?token=secret', '/healthz']) {
      await ask(port, target);
      await ask(port, target, { headers: { authorization: 'Bearer secret' } });
    }
    expect(lines.join()).toMatch('listening');
    expect(lines.join()).not.toMatch(new RegExp(`secret|nowhere|${ADMIN_TOKEN}`));
  });

  test('the WebSocket is served on every path, even those of the pages', async () => {
    const { open } = await startHost();
    for (const path of ['/healthz', '/dashboard', '/api/rooms', '/client.js']) {
      const client = open(`${path}?room=room&streamName=anna`);
      expect(await client.nextStreams()).toEqual(['anna']);
      await client.leave();
    }
  });
});
