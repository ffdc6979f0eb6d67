/** What a room tells its program: events, its state, and when it is ready. */
import { joinRoom } from '../../src/client/index';
import { join, playSurroundings, surroundings } from '../helpers/client-story';
import { FakeSocket } from '../helpers/fake-socket';

playSurroundings();

const seconds = (count: number) => jest.advanceTimersByTimeAsync(count * 1_000);
const host = () => FakeSocket.at(FakeSocket.all.length - 1);

test('a message is told as it is, and nothing else is one', async () => {
  const { events, last } = await join();
  host().hearFirst(['anna']);
  host().hearFrame({ type: 'beat' });
  host().hearFrame({ type: 'news', message: 'none' });
  host().hearFrame({ type: 'message', message: { any: ['json'] } });
  expect(last('message')?.message).toEqual({ any: ['json'] });
  expect(events).toEqual(['open', 'roster', 'message']);
});

test('a room that is only observed has no stream name', async () => {
  const room = joinRoom('wss://host', { room: 'room', observe: true, WebSocket: FakeSocket });
  await seconds(0);
  expect([room.streamName, host().url]).toEqual(['', 'wss://host?room=room&observe=1']);
  room.leave();
});

test('a refusal without a reason has an empty one', async () => {
  const { last } = await join();
  host().hearFirst(['anna']);
  host().hearFrame({ type: 'refused' });
  expect(last('refused')?.reason).toBe('');
});

test('whoever leaves twice is told once that it is over', async () => {
  const { room, events, last } = await join();
  host().hearFirst(['anna']);
  room.leave();
  room.leave();
  expect(events).toEqual(['open', 'roster', 'closed']);
  expect(last('closed')).toMatchObject({ code: 1000, reason: 'left' });
  expect([host().closed, host().code]).toEqual([true, 1000]);
});

test('a room that the host closes before its first roster is never ready, which says why', async () => {
  const { room, last } = await join();
  host().lose(4400);
  await expect(room.ready).rejects.toThrow('closed with 4400: why');
  expect(last('closed')).toMatchObject({ code: 4400, reason: 'why' });
});

test('whoever has aborted before opens nothing, and hears that it is over', async () => {
  const { room, events } = await join({ signal: AbortSignal.abort() });
  expect([room.state, events, FakeSocket.all.length]).toEqual(['closed', ['closed'], 0]);
});

test('a room is being joined until it is, however often that fails, and then come back to', async () => {
  const { room, events } = await join();
  expect(room.state).toBe('joining');
  host().lose(1006);
  expect([room.state, events]).toEqual(['joining', ['reconnecting']]);
  await seconds(1);
  host().hearFirst(['anna']);
  expect(await room.ready).toBe(room);
  host().lose(1006);
  expect(room.state).toBe('reconnecting');
});

test('once all have come back there is nothing more to tell of them', async () => {
  const { events } = await join({ grace: 5_000 });
  host().hear('anna', 'ben');
  host().lose(1006);
  await seconds(1);
  host().hear('anna');
  await seconds(1);
  host().hear('anna', 'ben');
  await seconds(10);
  expect(events).toEqual(['open', 'roster', 'reconnecting', 'open', 'roster', 'roster']);
});

test('the network is told of as the reason where it has changed; the browser need not know its kind', async () => {
  Object.assign(globalThis, { navigator: {} });
  try {
    const { last } = await join();
    host().hear('anna');
    surroundings.dispatchEvent(new Event('online'));
    expect(last('reconnecting')).toMatchObject({ code: 1006, reason: 'the network has changed', attempt: 1 });
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
});

test('whoever leaves at a roster hears no metadata any more', async () => {
  const { room, events } = await join({ tellMetadata: true });
  room.addEventListener('roster', () => room.leave());
  host().hearFirst(['anna'], { metadata: { anna: { name: 'Anna' } } });
  expect(events).toEqual(['open', 'roster', 'closed']);
});

test('a loop over a room takes lists, and wakes for no metadata', async () => {
  const { room } = await join({ tellMetadata: true });
  const seen: [string, readonly string[]][] = [];
  const over = (async () => {
    for await (const { type, streams } of room) seen.push([type, streams]);
  })();
  host().hearFirst(['anna']);
  await seconds(0);
  host().hearFrame({ type: 'changes', seq: 2, metadata: { anna: { muted: true } } });
  await seconds(0);
  host().hearFrame({ type: 'changes', seq: 3, joined: ['ben'] });
  await seconds(0);
  room.leave();
  await over;
  expect(seen).toEqual([
    ['roster', ['anna']],
    ['roster', ['anna', 'ben']],
  ]);
});
