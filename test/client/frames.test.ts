/** What the client makes of the frames of `conference.2`, and what it says. */

import { join, playSurroundings } from '../helpers/client-story';
import { FakeSocket } from '../helpers/fake-socket';

playSurroundings();

const seconds = (count: number) => jest.advanceTimersByTimeAsync(count * 1_000);
const host = () => FakeSocket.at(FakeSocket.all.length - 1);

describe('changes', () => {
  test('are made to the list, in order', async () => {
    const { room, last } = await join();
    host().hearFirst(['anna', 'ben', 'carl']);
    host().hearFrame({ type: 'changes', seq: 2, left: ['ben'], joined: ['dora', 'eva'] });
    expect(room.streams).toEqual(['anna', 'carl', 'dora', 'eva']);
    expect(last('roster')).toMatchObject({ joined: ['dora', 'eva'], left: ['ben'] });
    host().hearFrame({ type: 'changes', seq: 9, since: 2, left: ['anna'], joined: ['anna'] });
    expect(room.streams).toEqual(['carl', 'dora', 'eva', 'anna']);
    expect(last('roster')).toMatchObject({ joined: [], left: [] });
    host().hearFrame({ type: 'roster', seq: 10, streams: ['anna', 'eva'] });
    host().hearFrame({ type: 'changes', seq: 11, joined: ['carl'] });
    expect(room.streams).toEqual(['anna', 'eva', 'carl']);
  });

  test('behind a gap are not made: the list is asked for until it comes', async () => {
    const { room, events } = await join();
    host().hearFirst(['anna']);
    host().hearFrame({ type: 'changes', seq: 3, joined: ['carl'] });
    host().hearFrame({ type: 'changes', seq: 4, joined: ['dora'] });
    expect([room.streams, host().sent]).toEqual([['anna'], [{ type: 'roster' }]]);
    await seconds(2);
    expect(host().sent).toHaveLength(2);
    host().hearFrame({ type: 'roster', seq: 4, streams: ['anna', 'ben', 'carl', 'dora'] });
    host().hearFrame({ type: 'changes', seq: 5, left: ['ben'] });
    await seconds(4);
    expect([room.streams, host().sent.length]).toEqual([['anna', 'carl', 'dora'], 2]);
    expect(events).toEqual(['open', 'roster', 'roster', 'roster']);
  });

  test('before the first list tell nothing', async () => {
    const { events } = await join();
    host().hearFrame({ type: 'changes', seq: 1, joined: ['ben'] });
    host().hearFrame({ type: 'beat' });
    await seconds(10);
    expect(events).toEqual(['reconnecting']);
  });

  test.each([
    { type: 'changes', seq: 2, left: 'anna' },
    { type: 'changes', seq: 2, joined: [7] },
    { type: 'roster', seq: 2, streams: { 0: 'ben' } },
    { type: 'news', seq: 2, streams: ['ben'] },
  ])('that are none are ignored: %j', async (frame) => {
    const { room } = await join();
    host().hearFirst(['anna']);
    host().hearFrame(frame);
    expect(room.streams).toEqual(['anna']);
    host().hearFrame({ type: 'changes', seq: 2, joined: ['ben'] });
    expect(room.streams).toEqual(['anna', 'ben']);
  });
});

describe('who has left', () => {
  test('is not known for 30 s after a lost link, unless the host says so; then a new list decides', async () => {
    const { room, last } = await join();
    host().hearFirst(['anna', 'ben', 'carl', 'dora', 'eva']);
    host().lose(1006);
    await seconds(1);
    host().hearFirst(['anna', 'carl']);
    expect([room.streams, room.awaited]).toEqual([
      ['anna', 'carl', 'ben', 'dora', 'eva'],
      ['ben', 'dora', 'eva'],
    ]);
    await seconds(15);
    host().hearFrame({ type: 'changes', seq: 2, left: ['carl'], joined: ['ben'] });
    expect(last('roster')).toMatchObject({ left: ['carl'], joined: [] });
    host().hearFrame({ type: 'roster', seq: 3, streams: ['anna', 'ben'] });
    await seconds(14);
    expect([room.awaited, host().sent]).toEqual([['dora', 'eva'], []]);
    await seconds(1);
    expect([room.awaited, host().sent]).toEqual([['dora', 'eva'], [{ type: 'roster' }]]);
    host().hearFrame({ type: 'roster', seq: 4, streams: ['anna', 'ben', 'eva'] });
    expect([room.streams, room.awaited]).toEqual([['anna', 'ben', 'eva'], []]);
    expect(last('roster')).toMatchObject({ left: ['dora'] });
  });

  test('is not known to a link that is silent', async () => {
    const { room, last } = await join({ grace: 1_000 });
    host().hearFirst(['anna', 'ben']);
    host().lose(1006);
    await seconds(1);
    host().hearFirst(['anna']);
    await seconds(25);
    host().hearFirst(['anna', 'ben']);
    expect([room.streams, last('roster')?.left, FakeSocket.all.length]).toEqual([['anna', 'ben'], [], 3]);
  });

  test('is not asked of a host that speaks plain frames', async () => {
    const { room, last } = await join({ grace: 1_000 });
    host().hear('anna', 'ben');
    host().lose(1006);
    await seconds(1);
    host().hear('anna');
    await seconds(0.9);
    expect(room.awaited).toEqual(['ben']);
    await seconds(0.2);
    expect([room.streams, last('roster')?.left]).toEqual([['anna'], ['ben']]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a host that says goodbye', () => {
  test('is come back to when it says, and its last words are not that others have left', async () => {
    const { room, last } = await join();
    host().hearFirst(['anna', 'ben', 'carl']);
    host().hearFrame({ type: 'goodbye', wait: 7_000 });
    host().hearFrame({ type: 'changes', seq: 2, left: ['ben'] });
    expect([room.streams, room.awaited]).toEqual([['anna', 'carl', 'ben'], ['ben']]);
    host().lose(1001);
    expect(last('reconnecting')).toMatchObject({ delay: 7_000, attempt: 1 });
    await seconds(6.9);
    expect(FakeSocket.all).toHaveLength(1);
    await seconds(0.2);
    host().lose(1006);
    expect(last('reconnecting')?.delay).toBeLessThanOrEqual(1_000);
    await seconds(1);
    host().hearFirst(['anna']);
    expect(room.awaited).toEqual(['carl', 'ben']);
    host().hearFrame({ type: 'changes', seq: 2, joined: ['carl', 'ben'] });
    host().hearFrame({ type: 'changes', seq: 3, left: ['carl'] });
    expect([room.streams, last('roster')?.left]).toEqual([['anna', 'ben'], ['carl']]);
    host().lose(1001);
    expect(last('reconnecting')?.delay).toBeLessThan(7_000);
  });
});

describe('metadata', () => {
  test('of one’s own is given on joining, and changed later', async () => {
    const { room } = await join({ metadata: { name: 'Anna & Co', muted: true } });
    expect(host().url).toBe(
      'wss://host?room=room&streamName=anna&metadata=%7B%22name%22%3A%22Anna%20%26%20Co%22%2C%22muted%22%3Atrue%7D',
    );
    host().hearFirst(['anna']);
    expect(host().sent).toEqual([]);
    room.setMetadata({ muted: false });
    expect(host().sent).toEqual([{ type: 'metadata', metadata: { muted: false } }]);
    host().lose(1006);
    await seconds(1);
    expect(host().url).toMatch('metadata=%7B%22muted%22%3Afalse%7D');
    room.setMetadata({ muted: true });
    host().hearFirst(['anna']);
    expect(host().sent).toEqual([{ type: 'metadata', metadata: { muted: true } }]);
  });

  test('is told as it was when it was given, though the same object has changed since', async () => {
    const metadata = { muted: false };
    const { room } = await join({ metadata });
    metadata.muted = true;
    room.setMetadata(metadata);
    host().hearFirst(['anna']);
    expect(host().url).toMatch('metadata=%7B%22muted%22%3Afalse%7D');
    expect(host().sent).toEqual([{ type: 'metadata', metadata: { muted: true } }]);
  });

  test('is told as it is now, though the token of an earlier attempt has come meanwhile', async () => {
    const give: ((token: string) => void)[] = [];
    const token = () => new Promise<string>((resolve) => give.push(resolve));
    const { room } = await join({ token, metadata: { muted: false } });
    await seconds(11);
    give[1]?.('second');
    await seconds(0);
    room.setMetadata({ muted: true });
    give[0]?.('first');
    await seconds(0);
    host().hearFirst(['anna']);
    expect(host().protocols.at(-1)).toBe('second');
    expect(host().url).toMatch('metadata=%7B%22muted%22%3Afalse%7D');
    expect(host().sent).toEqual([{ type: 'metadata', metadata: { muted: true } }]);
  });

  test('that the host does not take is said, and one stays', async () => {
    const { room, last } = await join();
    host().hearFirst(['anna']);
    room.setMetadata({ name: 'x'.repeat(2_000) });
    host().hearFrame({ type: 'refused', reason: 'metadata is larger than 1 KiB' });
    expect(last('refused')).toMatchObject({ reason: 'metadata is larger than 1 KiB' });
    expect(room.state).toBe('joined');
  });

  test('of the others is told to those who ask', async () => {
    const { room, events } = await join({ tellMetadata: true });
    expect(host().url).toMatch(/&tell=metadata$/);
    const all = () => Object.fromEntries(room.metadata);
    host().hearFirst(['anna', 'ben', '__proto__'], {
      metadata: JSON.parse('{"ben":{"name":"Ben"},"__proto__":{"name":"P"}}'),
    });
    expect([...room.metadata.keys()]).toEqual(['ben', '__proto__']);
    host().hearFrame({
      type: 'changes',
      seq: 2,
      left: ['__proto__'],
      joined: ['carl'],
      metadata: { carl: { hand: true } },
    });
    expect(all()).toEqual({ ben: { name: 'Ben' }, carl: { hand: true } });
    host().hearFrame({ type: 'changes', seq: 3, metadata: { ben: null } });
    expect(all()).toEqual({ carl: { hand: true } });
    host().hearFrame({ type: 'changes', seq: 4, left: ['carl'] });
    expect(all()).toEqual({});
    expect(events).toEqual(['open', 'roster', 'metadata', 'roster', 'metadata', 'metadata', 'roster']);
  });

  test('of those who are awaited is kept, and nothing else that a new roster does not say', async () => {
    const { room } = await join({ tellMetadata: true, grace: 10_000 });
    host().hearFirst(['anna', 'ben', 'carl'], { metadata: { ben: { name: 'Ben' }, carl: { name: 'Carl' } } });
    host().lose(1006);
    await seconds(1);
    host().hearFirst(['anna', 'carl'], { metadata: { anna: { name: 'Anna' } } });
    const all = () => Object.fromEntries(room.metadata);
    expect(all()).toEqual({ ben: { name: 'Ben' }, anna: { name: 'Anna' } });
    await seconds(11);
    host().hearFrame({
      type: 'roster',
      seq: 2,
      streams: ['anna', 'carl'],
      metadata: { anna: { name: 'A' } },
    });
    expect([room.streams, all()]).toEqual([['anna', 'carl'], { anna: { name: 'A' } }]);
  });
});

test('an observer needs no name', async () => {
  const { room } = await join({ observe: true, streamName: '' });
  expect(host().url).toBe('wss://host?room=room&observe=1');
  host().hearFirst(['ben']);
  expect([room.streamName, room.streams]).toEqual(['', ['ben']]);
});
