/** Orders of an operator do what they say, to the letter, or nothing. */
import type { ConferenceEvents } from '../../src/events';
import { startHost } from '../helpers/host';
import { ADMIN_TOKEN } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';
import { order } from '../helpers/orders';

const start = () => startHost({ adminToken: ADMIN_TOKEN });

test('every name that a client may have can be banned, listed and locked', async () => {
  const { port, open, join } = await start();
  const name = 'mallory\u0085';
  const mallory = await join(name, name);
  expect(await order(port, 'POST', '/bans', { name })).toMatchObject({ status: 200, json: { removed: 1 } });
  expect(await mallory.closed).toMatchObject({ code: 4403 });
  const rules = { names: [name], locked: true };
  const path = `/room/policy?room=${encodeURIComponent(name)}`;
  expect(await order(port, 'PUT', path, rules)).toMatchObject({ status: 200 });
  expect(await open(joinTarget(name, 'anna')).closed).toMatchObject({ code: 4403 });
});

test('an order lasts 30 days at most', async () => {
  const { port } = await start();
  for (const [seconds, status] of [
    [2_592_000, 200],
    [2_592_001, 400],
  ]) {
    expect(await order(port, 'POST', '/bans', { name: 'anna', seconds })).toMatchObject({ status });
  }
});

test('half a character, which no name has, is refused', async () => {
  const { port } = await start();
  for (const [method, path, body] of [
    ['POST', '/bans', { name: '\ud800' }],
    ['PUT', '/rooms/red5/policy', { names: ['\ud800'] }],
  ] as const) {
    expect(await order(port, method, path, body)).toMatchObject({ status: 400, json: { error: 'bad_body' } });
  }
});

test.each(['', '  '])('a ban with the reason %j says who has banned', async (reason) => {
  const { port, open } = await start();
  await order(port, 'POST', '/bans', { name: 'anna', reason });
  expect(await open(joinTarget('red5', 'anna')).closed).toEqual({
    code: 4403,
    reason: 'banned by an operator',
  });
});

test('a reason that would turn a line of a log or a page around is refused', async () => {
  const { port } = await start();
  const answer = await order(port, 'POST', '/bans', { name: 'anna', reason: '\u202Eenough' });
  expect(answer).toMatchObject({ status: 400, json: { error: 'bad_body' } });
});

test('a parameter that an order does not have is refused, and nothing is done', async () => {
  const { port } = await start();
  for (const [method, path, body] of [
    ['PUT', '/rooms/red5/policy?seconds=60', { locked: true }],
    ['PATCH', '/room/policy?room=red5&until=1', { locked: true }],
    ['POST', '/bans?room=red5', { name: 'anna' }],
    ['POST', '/rooms/red5/message?to=anna', { message: 1 }],
  ] as const) {
    const answer = await order(port, method, path, body);
    expect([path, answer]).toMatchObject([path, { status: 400, json: { error: 'bad_parameter' } }]);
  }
  expect((await order(port, 'GET', '/rooms/red5/policy')).json).toEqual({ room: 'red5' });
  expect((await order(port, 'GET', '/bans')).json).toMatchObject({ total: 0 });
});

test('a removal that bans is told as an order, too', async () => {
  const { host, port, join } = await start();
  const orders: ConferenceEvents['ordered'][0][] = [];
  host.events.on('ordered', (given) => orders.push(given));
  await join('red5', 'anna');
  await order(port, 'DELETE', '/stream?room=red5&streamName=anna&ban=600');
  await join('red5', 'ben');
  const { members } = (await order(port, 'GET', '/members')).json as unknown as { members: [{ id: string }] };
  await order(port, 'DELETE', `/members/${members[0].id}?ban=60`);
  const told = { address: '127.0.0.1', room: 'red5', removed: 0, heldBy: 'node' };
  expect(orders).toEqual([
    { ...told, order: 'banned the name anna for 600 s' },
    { ...told, order: 'banned the name ben for 60 s' },
  ]);
});

test('whoever an operator removes is new to a room that is or will be locked', async () => {
  const { port, join, open } = await start();
  await Promise.all(['anna', 'ben', 'carl'].map((name) => join('red5', name)));
  await order(port, 'DELETE', '/stream?room=red5&streamName=carl');
  await order(port, 'PUT', '/rooms/red5/policy', { locked: true });
  await order(port, 'DELETE', '/stream?room=red5&streamName=ben');
  for (const name of ['ben', 'carl']) {
    expect([name, await open(joinTarget('red5', name)).closed]).toMatchObject([name, { code: 4423 }]);
  }
  await join('red5', 'anna');
});

test('who is banned leaves its room at once, and is counted as removed', async () => {
  const { host, port, join } = await start();
  await join('red5', 'mallory');
  const departures: ConferenceEvents['left'][1][] = [];
  host.events.on('left', (_member, departure) => departures.push(departure));
  await order(port, 'POST', '/bans', { name: 'mallory', reason: 'enough' });
  expect(host.roster('red5')).toEqual([]);
  expect(departures).toEqual([{ code: 4403, reason: 'enough', removed: true }]);
});
