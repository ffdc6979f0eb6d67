/** A message to a room over the API: who hears it, and how often. */
import { WebSocket } from 'ws';
import { type ConferenceRoom, joinRoom } from '../../src/client/index';
import { AskingClient } from '../helpers/asking-client';
import { startHost, type TestHost } from '../helpers/host';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { joinTarget } from '../helpers/join-target';
import { order } from '../helpers/orders';

const METRICS_TOKEN = 'for-tests-b7Rw2LqXn9Zs';
const start = () => startHost({ adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });

const post = ({ port }: TestHost, room: string, body: unknown, token?: string) =>
  order(port, 'POST', `/room/message?room=${encodeURIComponent(room)}`, body, token);

test('it reaches those who ask for more, and never those who take plain rosters', async () => {
  const host = await start();
  const plain = await host.join('a/b', 'plain');
  const asking = new AskingClient(`ws://127.0.0.1:${host.port}${joinTarget('a/b', 'asking')}`);
  const elsewhere = new AskingClient(`ws://127.0.0.1:${host.port}${joinTarget('other', 'asking')}`);
  await Promise.all([asking.untilListed('plain', 'asking'), elsewhere.frame()]);
  await plain.until('plain', 'asking');
  const message = { text: 'it begins', at: [9, null, 'é"'] };
  expect(await post(host, 'a/b', { message })).toEqual({ status: 200, json: { receivers: 1, missing: [] } });
  expect(await asking.frame()).toEqual({ type: 'message', message });
  await host.join('a/b', 'later');
  expect(await plain.nextStreams()).toEqual(['plain', 'asking', 'later']);
  await host.join('other', 'later');
  expect(await elsewhere.frame()).toMatchObject({ type: 'changes' });
  expect(await post(host, 'nobody', { message })).toMatchObject({ json: { receivers: 0 } });
});

test('the client library has an event for it', async () => {
  const host = await start();
  const options = { room: 'red5', streamName: 'anna', WebSocket } as Parameters<typeof joinRoom>[1];
  const room: ConferenceRoom = joinRoom(`localhost:${host.port}`, options);
  const heard = new Promise((resolve) => {
    room.addEventListener('message', ({ message }) => resolve(message));
  });
  await room.ready;
  await post(host, 'red5', { message: { muted: true } });
  expect(await heard).toEqual({ muted: true });
  room.leave();
});

test('a room takes ten a second, of 4 KiB, from an operator', async () => {
  const host = await start();
  const outcomes = await Promise.all(Array.from({ length: 30 }, () => post(host, 'red5', { message: 1 })));
  expect(outcomes.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
  expect(outcomes.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  expect(await post(host, 'other', { message: 1 })).toMatchObject({ status: 200 });
  expect(await post(host, 'other', { message: 'x'.repeat(4_096) })).toMatchObject({ status: 413 });
  expect(await post(host, 'other', {})).toMatchObject({ status: 400, json: { error: 'bad_body' } });
  expect(await post(host, 'other', { message: 1 }, METRICS_TOKEN)).toMatchObject({ status: 403 });
  expect((await ask(host.port, '/metrics')).body).toMatch(/^conference_room_messages_total 1[1-9]$/m);
});
