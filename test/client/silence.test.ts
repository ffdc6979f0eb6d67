/** Links that go silent: by the clock, and by what the page hears of its network. */

import { join, playSurroundings, surroundings } from '../helpers/client-story';
import { FakeSocket } from '../helpers/fake-socket';

playSurroundings();

const change = (type: string) => surroundings.dispatchEvent(new Event(type));
const seconds = (count: number) => jest.advanceTimersByTimeAsync(count * 1_000);

async function joined() {
  const story = await join();
  FakeSocket.at(0).hearFirst(['anna']);
  return story;
}

describe('a link whose host gives beats', () => {
  test('is kept for as long as it is heard', async () => {
    const { events } = await joined();
    for (let beats = 0; beats < 8; beats++) {
      await seconds(15);
      FakeSocket.at(0).hearFrame({ type: 'beat' });
    }
    expect([events, FakeSocket.all.length, FakeSocket.at(0).sent]).toEqual([['open', 'roster'], 1, []]);
  });

  test('is asked for one after a silence, and kept if it answers', async () => {
    const { events } = await joined();
    for (let times = 0; times < 3; times++) {
      await seconds(15);
      expect(FakeSocket.at(0).sent).toHaveLength(times);
      await seconds(3);
      expect(FakeSocket.at(0).sent).toHaveLength(times + 1);
      FakeSocket.at(0).hearFrame({ type: 'beat' });
    }
    expect(FakeSocket.at(0).sent[0]).toEqual({ type: 'beat' });
    expect(events).toEqual(['open', 'roster']);
  });

  test('is lost within 25 s of silence, and dropped a second after another one is in the room', async () => {
    const { room, events, last } = await joined();
    await seconds(25);
    expect(last('reconnecting')).toMatchObject({ code: 1006, reason: 'the host is silent' });
    expect([events, room.state, FakeSocket.all.length]).toEqual([
      ['open', 'roster', 'reconnecting'],
      'reconnecting',
      2,
    ]);
    expect(FakeSocket.at(0).closed).toBe(false);
    FakeSocket.at(0).hearFrame({ type: 'changes', seq: 2, left: ['anna'] });
    FakeSocket.at(1).hearFirst(['anna', 'ben']);
    expect([room.state, room.streams, FakeSocket.at(0).closed]).toEqual(['joined', ['anna', 'ben'], false]);
    await seconds(1);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, false]);
  });

  test('is not dropped while no other one can be made', async () => {
    await joined();
    for (const index of [1, 2, 3]) {
      await seconds(25);
      FakeSocket.at(index).lose(1006);
    }
    expect(FakeSocket.at(0).closed).toBe(false);
  });

  test.each(['visibilitychange', 'pageshow', 'online', 'offline'])(
    'has 3 s for an answer after the event %s, whatever was still on its way',
    async (type) => {
      const { events } = await joined();
      await seconds(5);
      change(type);
      await seconds(0.05);
      FakeSocket.at(0).hearFrame({ type: 'changes', seq: 2, joined: ['ben'] });
      change(type);
      await seconds(3);
      expect(FakeSocket.at(0).sent).toEqual([{ type: 'beat' }]);
      expect([events, FakeSocket.all.length]).toEqual([['open', 'roster', 'roster', 'reconnecting'], 2]);
      expect(FakeSocket.at(0).closed).toBe(false);
    },
  );

  test('is asked 0.1 s after the first event, however many follow', async () => {
    await joined();
    for (let times = 0; times < 20; times++) {
      change('visibilitychange');
      await seconds(0.05);
    }
    expect(FakeSocket.at(0).sent).toEqual([{ type: 'beat' }]);
  });

  test('is kept after an event if it answers', async () => {
    const { events } = await joined();
    for (let times = 0; times < 3; times++) {
      change('visibilitychange');
      await seconds(2);
      FakeSocket.at(0).hearFrame({ type: 'beat' });
    }
    await seconds(10);
    expect([events, FakeSocket.at(0).sent.length]).toEqual([['open', 'roster'], 3]);
  });

  test.each([
    ['the machine has slept', 3_600_000],
    ['the machine has slept for a moment', 6_000],
    ['the clock was set back', -3_600_000],
  ])('is asked after %s', async (_what, jump) => {
    const { events } = await joined();
    await seconds(4);
    FakeSocket.at(0).hearFrame({ type: 'beat' });
    jest.setSystemTime(Date.now() + jump);
    await seconds(2);
    expect(FakeSocket.at(0).sent).toEqual([{ type: 'beat' }]);
    await seconds(3);
    expect(events).toEqual(['open', 'roster', 'reconnecting']);
  });

  test('is asked when the kind of network changes', async () => {
    const connection = new EventTarget();
    Object.assign(globalThis, { navigator: { connection } });
    try {
      await joined();
      connection.dispatchEvent(new Event('change'));
      await seconds(1);
      expect(FakeSocket.at(0).sent).toEqual([{ type: 'beat' }]);
    } finally {
      Reflect.deleteProperty(globalThis, 'navigator');
    }
  });
});

describe('a client without a link', () => {
  test.each(['online', 'visibilitychange'])('that waits tries at once after the event %s', async (type) => {
    await join();
    FakeSocket.at(0).lose(4429);
    change(type);
    await seconds(0);
    expect(FakeSocket.all).toHaveLength(2);
    await seconds(9);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test('that is opening one opens another on another network, which need not wait for a handshake that hangs', async () => {
    const { events } = await join();
    change('pageshow');
    await seconds(0);
    expect(FakeSocket.all).toHaveLength(1);
    change('online');
    await seconds(0);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, false]);
    FakeSocket.at(1).open();
    change('online');
    await seconds(0);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, false, false]);
    FakeSocket.at(2).hearFirst(['anna']);
    await seconds(1);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, true, false]);
    expect(events).toEqual(['open', 'roster']);
  });

  test('stays away once it has left', async () => {
    const { room } = await join();
    room.addEventListener('reconnecting', () => room.leave());
    FakeSocket.at(0).lose(1006);
    change('online');
    await seconds(60);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe('a link whose host speaks plain frames', () => {
  test('is asked nothing, and replaced when the network has changed', async () => {
    const { room, events } = await join();
    FakeSocket.at(0).hear('anna');
    await seconds(120);
    room.setMetadata({ muted: true });
    change('visibilitychange');
    await seconds(10);
    expect([events, FakeSocket.all.length]).toEqual([['open', 'roster'], 1]);
    change('online');
    await seconds(1);
    expect(FakeSocket.all.map(({ closed, sent }) => [closed, sent])).toEqual([
      [false, []],
      [false, []],
    ]);
    FakeSocket.at(1).hear('anna', 'ben');
    await seconds(1);
    expect(FakeSocket.all.map(({ closed }) => closed)).toEqual([true, false]);
    expect([events, room.streams]).toEqual([
      ['open', 'roster', 'reconnecting', 'open', 'roster'],
      ['anna', 'ben'],
    ]);
  });
});
