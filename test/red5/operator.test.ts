/** What an operator sees of the media, and removes. */
import { Ajv2020 } from 'ajv/dist/2020';
import type { MemberPage } from '../../src/http/shapes';
import { ADMIN_TOKEN, ask } from '../helpers/http';
import { Red5 } from '../helpers/red5';
import { pass, settle, startRed5Host } from '../helpers/red5-host';

async function start(how: 'standalone' | 'streamManager' = 'standalone') {
  const red5 = await Red5.start();
  red5.publish('live/red5/anna', 'live/red5/obs');
  const settings = { ...red5[how], roster: 'both' as const, adminToken: ADMIN_TOKEN };
  const host = await startRed5Host(settings);
  const anna = host.join('red5', 'anna');
  await anna.until('anna', 'obs');
  const ben = host.join('red5', 'ben');
  await ben.until('anna', 'obs', 'ben');
  return { red5, anna, ben, ...host };
}

async function remove(port: number, streamName: string): Promise<unknown> {
  const { members } = (await ask(port, `/api/members?search=${streamName}`)).json as MemberPage;
  return (await ask(port, `/api/members/${members[0]?.id}`, { method: 'DELETE' })).json;
}

async function fits(port: number, schema: string, answer: unknown): Promise<void> {
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema((await ask(port, '/api/openapi.json')).json as object, 'api');
  const validate = ajv.getSchema(`api#/components/schemas/${schema}`);
  expect([validate?.(answer), validate?.errors]).toEqual([true, null]);
}

test('each stream says whether a socket, the media or both hold it, and since when it is live', async () => {
  const { red5, port, clock } = await start();
  await pass(clock, red5, 21);
  const { json } = await ask(port, '/api/rooms/red5');
  const liveSince = expect.any(Number);
  expect(json).toMatchObject({
    streams: ['anna', 'obs'],
    media: [
      { stream: 'anna', heldBy: 'both', listed: true, liveSince },
      { stream: 'obs', heldBy: 'media', listed: true, liveSince },
      { stream: 'ben', heldBy: 'socket', listed: false },
    ],
  });
  await fits(port, 'Room', json);
});

test('a member that is removed ends publishing, too, and the answer says so', async () => {
  const { red5, port, ben } = await start();
  const json = await remove(port, 'anna');
  expect(json).toMatchObject({ removed: 1, media: { ended: 1, notPublishing: 0, onAir: 0 } });
  await fits(port, 'Removed', json);
  expect(red5.live('red5')).toEqual(['obs']);
  await ben.until('obs', 'ben');
});

test('a room that is removed ends all publishing in it, that of those without a socket as well', async () => {
  const { red5, port, ben } = await start();
  const { json } = await ask(port, '/api/rooms/red5', { method: 'DELETE' });
  expect(json).toMatchObject({ removed: 2, media: { ended: 2, notPublishing: 1, onAir: 0 } });
  expect(red5.live('red5')).toEqual([]);
  expect((await ben.closed).code).toBe(4403);
});

test('a publisher without a socket is removed by its name, and is not listed by an answer that was under way', async () => {
  const { red5, port, anna, ben, clock } = await start();
  await pass(clock, red5, 1);
  const { json } = await ask(port, '/api/stream?room=red5&streamName=obs', { method: 'DELETE' });
  expect(json).toMatchObject({ removed: 0, media: { ended: 1, notPublishing: 0, onAir: 0 } });
  await fits(port, 'Removed', json);
  expect(red5.live('red5')).toEqual(['anna']);
  await ben.until('anna', 'ben');
  await anna.until('anna', 'ben');
});

test('a stream that is removed by its name loses its sockets as well', async () => {
  const { red5, port, ben, anna } = await start();
  const { json } = await ask(port, '/api/stream?room=red5&streamName=anna', { method: 'DELETE' });
  expect(json).toMatchObject({ removed: 1, media: { ended: 1, notPublishing: 0, onAir: 0 } });
  expect(red5.live('red5')).toEqual(['obs']);
  expect((await anna.closed).code).toBe(4403);
  await ben.until('obs', 'ben');
});

test.each(['room=red5&streamName=nobody', 'room=nowhere&streamName=obs', 'room=red5&streamName='])(
  'a stream that nobody has is not there to be removed: %s',
  async (query) => {
    const { red5, port } = await start();
    const { status, json } = await ask(port, `/api/stream?${query}`, { method: 'DELETE' });
    expect([status, json]).toEqual([404, { error: 'no_such_stream', message: expect.any(String) }]);
    expect(red5.live('red5')).toEqual(['anna', 'obs']);
  },
);

test.each(['refuses', 'is at fault', 'talks nonsense', 'answers with a page', 'hangs up'] as const)(
  'while the server %s, the answer says that they may be on air still',
  async (failure) => {
    const { red5, port } = await start();
    red5.failure = failure;
    const json = await remove(port, 'anna');
    expect(json).toMatchObject({ removed: 1, media: { ended: 0, notPublishing: 0, onAir: 1 } });
  },
);

test('a crowd is not ended one by one by a server that does not answer', async () => {
  const { red5, port, clock } = await start();
  red5.publish(...Array.from({ length: 40 }, (_, index) => `live/red5/cam ${index}`));
  await pass(clock, red5, 6);
  red5.failure = 'is silent';
  const answer = ask(port, '/api/rooms/red5', { method: 'DELETE' });
  await settle(red5);
  await pass(clock, red5, 11);
  expect((await answer).json).toMatchObject({ removed: 2, media: { ended: 0, notPublishing: 0, onAir: 43 } });
});

test('a Stream Manager cannot be asked for that, and the answer says so', async () => {
  const { red5, port } = await start('streamManager');
  expect(red5.live('red5')).toHaveLength(2);
  const json = await remove(port, 'anna');
  expect(json).toMatchObject({ removed: 1, media: { ended: 0, notPublishing: 0, onAir: 1 } });
});

test('a host that asks no media server removes the sockets of a stream by its name', async () => {
  const { port, join } = await startRed5Host({ adminToken: ADMIN_TOKEN });
  const anna = join('red5', 'anna');
  await anna.until('anna');
  const remove = () => ask(port, '/api/stream?room=red5&streamName=anna', { method: 'DELETE' });
  expect((await remove()).json).toMatchObject({ removed: 1 });
  expect((await remove()).status).toBe(404);
});

test('a host that asks no media server says nothing of it', async () => {
  const { port, join } = await startRed5Host({ adminToken: ADMIN_TOKEN });
  await join('red5', 'anna').until('anna');
  expect((await ask(port, '/api/rooms/red5')).json).not.toHaveProperty('media');
  expect(await remove(port, 'anna')).not.toHaveProperty('media');
  expect((await ask(port, '/metrics')).body).not.toMatch('conference_media');
});

test('with ROSTER=sockets the roster is as ever, and the API says whom the others would list', async () => {
  const red5 = await Red5.start();
  red5.publish('live/red5/obs');
  const settings = { ...red5.standalone, roster: 'sockets' as const, adminToken: ADMIN_TOKEN };
  const { port, clock, join } = await startRed5Host(settings);
  const anna = join('red5', 'anna');
  await anna.until('anna');
  await pass(clock, red5, 30);
  expect(anna.unread()).toEqual([]);
  expect((await ask(port, '/api/rooms/red5')).json).toMatchObject({
    streams: ['anna'],
    media: [
      { stream: 'anna', heldBy: 'socket', listed: true },
      { stream: 'obs', heldBy: 'media', listed: false },
    ],
  });
});
