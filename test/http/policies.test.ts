/** An operator steers rooms over the API: what clients at the door hear of it, on one node. */
import type { ConferenceEvents } from '../../src/events';
import type { TestClient } from '../helpers/client';
import { readEvents } from '../helpers/events';
import { startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN, ask as askPlain } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';
import { TestLog } from '../helpers/log';
import { order } from '../helpers/orders';
import { hsToken, SECRET } from '../helpers/tokens';

const METRICS_TOKEN = 'for-tests-b7Rw2LqXn9Zs';

const start = () =>
  startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN, trustProxy: ['loopback'] });

function joinFrom({ open }: TestHost, address: string, name: string, room = 'red5') {
  return open(joinTarget(room, name), [], { headers: { 'X-Forwarded-For': address } });
}

const LOCKED = { code: 4423, reason: 'the room is locked: nobody new may join' };

test('a room is locked while many join: after the answer nobody new is in it', async () => {
  const host = await start();
  const anna = joinFrom(host, '203.0.113.1', 'anna');
  await anna.next();
  const crowd: TestClient[] = [];
  const answer = order(host.port, 'PUT', '/rooms/red5/policy', { locked: true, seconds: 60 });
  const come = setInterval(() => {
    if (crowd.length < 50) crowd.push(joinFrom(host, `198.51.100.${crowd.length}`, `n${crowd.length}`));
  });
  const { status, json } = await answer;
  const inside = host.host.roster('red5').length;
  while (crowd.length < 50) await new Promise((resolve) => setTimeout(resolve, 1));
  clearInterval(come);
  expect([status, json]).toEqual([
    200,
    { room: 'red5', locked: { value: true, until: expect.any(Number) }, heldBy: 'node' },
  ]);
  const outcomes = await Promise.all(
    crowd.map((one) => Promise.race([one.next().then(() => 'in'), one.closed.then(({ code }) => code)])),
  );
  expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(inside - 1);
  expect(new Set(outcomes)).toContain(4423);
  expect(host.host.roster('red5')).toHaveLength(inside);
  await anna.leave();
  expect(await joinFrom(host, '203.0.113.9', 'anna').closed).toEqual(LOCKED);
  await joinFrom(host, '203.0.113.1', 'anna').next();
  expect((await order(host.port, 'DELETE', '/rooms/red5/policy')).json).toEqual({
    room: 'red5',
    heldBy: 'node',
  });
  await joinFrom(host, '203.0.113.9', 'zoe').next();
});

test('sizes and lists of names, set one by one, and opened one by one', async () => {
  const host = await start();
  const room = `/room/policy?room=${encodeURIComponent('a/b')}`;
  await order(host.port, 'PUT', room, { maxSize: 1 });
  await order(host.port, 'PATCH', room, { names: ['anna', 'ben'], until: Date.now() + 60_000 });
  await joinFrom(host, '203.0.113.1', 'anna', 'a/b').next();
  expect(await joinFrom(host, '203.0.113.1', 'carl', 'a/b').closed).toMatchObject({ code: 4403 });
  expect(await joinFrom(host, '203.0.113.1', 'ben', 'a/b').closed).toEqual({
    code: 4429,
    reason: 'the room is full: it takes 1',
  });
  expect(Object.keys((await order(host.port, 'DELETE', `${room}&rule=maxSize`)).json)).toEqual([
    'room',
    'names',
    'heldBy',
  ]);
  await joinFrom(host, '203.0.113.1', 'ben', 'a/b').next();
  expect((await order(host.port, 'DELETE', `${room}&rule=maxSize`)).status).toBe(404);
  const unlocked = await order(host.port, 'PATCH', room, { locked: false });
  expect(unlocked.json).toEqual({ room: 'a/b', names: expect.anything(), heldBy: 'node' });
  await order(host.port, 'PATCH', room, { locked: true });
  const opened = await order(host.port, 'PUT', room, { locked: false });
  expect(opened.json).toEqual({ room: 'a/b', heldBy: 'node' });
});

test('a ban closes who is there, keeps them out with its reason, and is listed and lifted', async () => {
  const host = await start();
  const orders: ConferenceEvents['ordered'][0][] = [];
  host.host.events.on('ordered', (order) => orders.push(order));
  const anna = joinFrom(host, '203.0.113.1', 'anna');
  const ben = joinFrom(host, '203.0.113.77', 'ben');
  await Promise.all([anna.next(), ben.next()]);
  const added = await order(host.port, 'POST', '/bans', {
    ...{ address: '203.0.113.64/26', reason: 'come back tomorrow', seconds: 600 },
  });
  expect(added).toMatchObject({ status: 200, json: { removed: 1, missing: [], heldBy: 'node' } });
  const banned = { code: 4403, reason: 'come back tomorrow' };
  expect(await ben.closed).toEqual(banned);
  expect(await joinFrom(host, '203.0.113.99', 'carl').closed).toEqual(banned);
  await joinFrom(host, '203.0.113.2', 'dora').next();
  expect((await order(host.port, 'GET', '/bans', undefined, METRICS_TOKEN)).json).toMatchObject({
    total: 1,
    bans: [added.json.ban],
  });
  expect((await order(host.port, 'DELETE', `/bans/${added.json.ban.id}`)).json).toMatchObject({
    ban: added.json.ban,
  });
  expect((await order(host.port, 'DELETE', `/bans/${added.json.ban.id}`)).status).toBe(404);
  await joinFrom(host, '203.0.113.99', 'carl').next();
  expect(orders).toEqual([
    {
      address: '127.0.0.1',
      room: undefined,
      order: 'banned the address 203.0.113.64/26 for 600 s',
      removed: 1,
      heldBy: 'node',
    },
    {
      address: '127.0.0.1',
      room: undefined,
      order: 'lifted the ban of the address 203.0.113.64/26',
      removed: 0,
      heldBy: 'node',
    },
  ]);
});

test('a removal may last: the name is banned from the room for so many seconds', async () => {
  const host = await start();
  const anna = await host.join('red5', 'anna');
  const { json } = await order(host.port, 'DELETE', '/stream?room=red5&streamName=anna&ban=600');
  expect(json).toMatchObject({ removed: 1, ban: expect.any(String) });
  expect(await anna.closed).toEqual({ code: 4403, reason: 'removed by an operator' });
  expect(await host.open(joinTarget('red5', 'anna')).closed).toEqual({
    code: 4403,
    reason: 'banned by an operator',
  });
  await host.join('other', 'anna');
  await host.join('red5', 'ben');
  const members = (await order(host.port, 'GET', '/members?search=ben')).json.members as unknown;
  const [{ id }] = members as [{ id: string }];
  expect((await order(host.port, 'DELETE', `/members/${id}?ban=600`)).json).toMatchObject({ removed: 1 });
  expect(await host.open(joinTarget('red5', 'ben')).closed).toMatchObject({
    reason: 'banned by an operator',
  });
  expect((await order(host.port, 'DELETE', `/stream?room=red5&streamName=ben&ban=x`)).status).toBe(400);
});

test('whoever has a token is banned by its subject, wherever it comes from', async () => {
  const host = await startHost({ adminToken: ADMIN_TOKEN, jwtSecret: SECRET });
  const open = (name: string, sub: string) =>
    host.open(joinTarget('red5', name), ['conference', hsToken({ sub })]);
  const anna = open('anna', 'user-1');
  await anna.next();
  expect(host.host.members('red5')[0]?.subject).toBe('user-1');
  await order(host.port, 'POST', '/bans', { subject: 'user-1', room: 'red5' });
  expect(await anna.closed).toEqual({ code: 4403, reason: 'banned by an operator' });
  expect(await open('other', 'user-1').closed).toMatchObject({ code: 4403 });
  await open('anna', 'user-2').next();
});

test.each([
  ['PUT', '/rooms/red5/policy', {}, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', '{', 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', [], 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { lokced: true }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { locked: 'yes' }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { maxSize: 0 }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { names: [1] }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { names: [''] }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { locked: true, seconds: 0 }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { locked: true, seconds: 2_592_001 }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { locked: true, until: 1 }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { locked: true, until: 9e12, seconds: 1 }, 400, 'bad_body'],
  ['PUT', `/rooms/${'x'.repeat(257)}/policy`, { locked: true }, 400, 'bad_body'],
  ['PUT', '/rooms/red5/policy', { names: ['x'.repeat(5_000)] }, 413, 'body_too_long'],
  ['DELETE', '/rooms/red5/policy?rule=x', undefined, 400, 'bad_parameter'],
  ['DELETE', '/rooms/red5/policy', undefined, 404, 'no_such_policy'],
  ['POST', '/bans', {}, 400, 'bad_body'],
  ['POST', '/bans', { name: 'anna', subject: 'x' }, 400, 'bad_body'],
  ['POST', '/bans', { address: '0.0.0.0/0' }, 400, 'bad_body'],
  ['POST', '/bans', { name: 'anna', reason: 'é'.repeat(62) }, 400, 'bad_body'],
  ['DELETE', '/bans/1', undefined, 400, 'bad_parameter'],
] as const)('%s %s with %j is answered with %i %s', async (method, path, body, status, error) => {
  const { port } = await start();
  expect(await order(port, method, path, body)).toMatchObject({ status, json: { error } });
});

test('the description says what a body has, and how it may be refused', async () => {
  const { port } = await start();
  const { paths, components } = (await order(port, 'GET', '/openapi.json')).json as unknown as {
    paths: Record<string, Record<string, Record<string, object>>>;
    components: { schemas: Record<string, { properties: object }> };
  };
  const put = paths['/api/rooms/{room}/policy']?.put;
  expect(put?.requestBody).toMatchObject({
    required: true,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/RoomRules' } } },
  });
  expect(Object.keys(put?.responses ?? {})).toEqual(['200', '400', '401', '403', '409', '413', '429']);
  const rules = Object.keys(components.schemas.RoomRules?.properties ?? {});
  expect(rules).toEqual(['maxSize', 'locked', 'names', 'seconds', 'until']);
});

test('the last order that a connection takes is read like the first', async () => {
  const { port } = await start();
  for (let size = 1; size <= 220; size++) {
    const { json } = await order(port, 'PUT', '/rooms/red5/policy', { maxSize: size });
    expect(json).toMatchObject({ maxSize: { value: size } });
  }
});

test('who may only read sees rules and bans, and sets none; without an admin token there are none', async () => {
  const host = await start();
  await order(host.port, 'PUT', '/rooms/red5/policy', { maxSize: 7 });
  const shown = await order(host.port, 'GET', '/rooms/red5/policy', undefined, METRICS_TOKEN);
  const maxSize = { value: 7, until: expect.any(Number) };
  expect(shown.json).toEqual({ room: 'red5', maxSize, heldBy: 'node' });
  const changes = [
    ['PUT', '/rooms/red5/policy', { maxSize: 1 }],
    ['DELETE', '/rooms/red5/policy', undefined],
    ['POST', '/bans', { name: 'anna' }],
  ] as const;
  for (const [method, path, body] of changes) {
    expect((await order(host.port, method, path, body, METRICS_TOKEN)).status).toBe(403);
    expect((await order(host.port, method, path, body, 'a-wrong-token')).status).toBe(401);
  }
  const viewed = await startHost({ metricsToken: METRICS_TOKEN });
  expect((await order(viewed.port, 'GET', '/bans', undefined, METRICS_TOKEN)).status).toBe(404);
});

test('what was ordered is in the log and the feed, and what was refused for it in the metrics', async () => {
  const log = new TestLog();
  const host = await startHost({ adminToken: ADMIN_TOKEN, logger: log.logger });
  await order(host.port, 'PUT', '/rooms/red5/policy', { locked: true, maxSize: 3 });
  await host.open(joinTarget('red5', 'anna')).closed;
  const what = { address: '127.0.0.1', room: 'red5', removed: 0 };
  expect(log.text).toContain('"order":"maxSize 3, locked for 86400 s"');
  expect(log.text).toContain('an operator has given an order');
  const events = await readEvents(host.port, '/api/events?room=red5');
  expect((await events.next('feed')).happenings).toMatchObject([
    { kind: 'order', by: 'operator', reason: 'maxSize 3, locked for 86400 s', ...what },
    { kind: 'refusal', name: 'locked', code: 4423, streamName: 'anna' },
  ]);
  await events.close();
  const { body } = await askPlain(host.port, '/metrics');
  expect(body).toContain('conference_refusals_total{refusal="locked"} 1');
  expect(body).toContain('conference_orders_total 1');
});
