/** Observers hear a room without being in it. */
import { SMALL } from '../src/conference/delivery';
import { ASKING, AskingClient } from './helpers/asking-client';
import { joinTarget, startHost, type TestHost } from './helpers/host';
import { ADMIN_TOKEN, ask as askHttp } from './helpers/http';
import { hsToken, SECRET } from './helpers/tokens';

const observe = ({ open }: TestHost, more = '') => open(`/?room=room&observe=1${more}`);
const observeAsking = ({ port }: TestHost, query = 'room=room&observe=1', protocols = [ASKING]) =>
  new AskingClient(`ws://127.0.0.1:${port}/?${query}`, protocols);

describe('an observer', () => {
  test('hears the room and is never listed, whatever it is called', async () => {
    const host = await startHost();
    const anna = await host.join('room', 'anna');
    const [nameless, named] = [observe(host), observe(host, '&streamName=anna')];
    expect(await nameless.nextStreams()).toEqual(['anna']);
    expect(await named.nextStreams()).toEqual(['anna']);
    await anna.leave();
    expect(await nameless.nextStreams()).toEqual([]);
    expect(await named.nextStreams()).toEqual([]);
    expect(host.host.roster('room')).toEqual([]);
  });

  test('comes and goes without anybody else being told', async () => {
    const host = await startHost();
    const anna = await host.join('room', 'anna');
    const observer = observe(host);
    await observer.next();
    await observer.leave();
    await host.join('room', 'ben');
    expect(await anna.nextStreams()).toEqual(['anna', 'ben']);
  });

  test('of a room that is empty hears who comes', async () => {
    const host = await startHost();
    const observer = observe(host);
    expect(await observer.next()).toEqual({ room: 'room', streams: [] });
    await host.join('room', 'anna');
    expect(await observer.nextStreams()).toEqual(['anna']);
  });

  test('may speak conference.2', async () => {
    const host = await startHost();
    const observer = observeAsking(host);
    expect(await observer.frame()).toMatchObject({ type: 'roster', streams: [], beat: 15_000 });
    await host.join('room', 'anna');
    expect(await observer.frame()).toMatchObject({ type: 'changes', joined: ['anna'] });
  });

  test('that takes rosters gets one in a large room in which nobody else does', async () => {
    const host = await startHost();
    const names = Array.from({ length: SMALL + 1 }, (_, index) => `participant ${index}`);
    for (const name of names) await observeAsking(host, joinTarget('room', name).slice(2)).frame();
    expect(await observe(host).nextStreams()).toEqual(names);
  });

  test.each([
    ['of a room', { maxRoomSize: 2 }, 'the room is full'],
    ['of the host', { maxConnections: 2 }, 'the host is full'],
  ])('counts against the size %s', async (_, limits, reason) => {
    const host = await startHost(limits);
    await host.join('room', 'anna');
    await observe(host).next();
    expect(await observe(host).closed).toEqual({ code: 4429, reason });
  });

  test('is shown to operators, who may remove it', async () => {
    const host = await startHost({ adminToken: ADMIN_TOKEN });
    await host.join('room', 'anna');
    const observer = observe(host);
    await observer.next();
    const { streams } = JSON.parse((await askHttp(host.port, '/api/rooms/room')).body);
    expect(streams).toEqual(['anna']);
    const { members } = JSON.parse((await askHttp(host.port, '/api/rooms/room/members')).body);
    expect(members).toMatchObject([{ streamName: 'anna' }, { streamName: '', observer: true }]);
    expect(members[0]).not.toHaveProperty('observer');
    expect((await askHttp(host.port, '/metrics')).body).toMatch(/^conference_observers 1$/m);
    expect(host.host.remove(host.host.members('room')[1]?.id ?? 0)).toBe(true);
    expect(await observer.closed).toMatchObject({ code: 4403 });
  });

  test('needs a room', async () => {
    const { open } = await startHost();
    expect(await open('/?observe=1').closed).toMatchObject({ code: 4400, reason: 'room is missing' });
    expect(await open('/?room=room&observe=yes').closed).toMatchObject({ reason: 'streamName is missing' });
  });
});

describe('a token', () => {
  const watching = { roles: 'red5-subscriber' };
  const start = () => startHost({ jwtSecret: SECRET });

  test('that may only watch lets one in who observes', async () => {
    const host = await start();
    expect(await observe(host, `&token=${hsToken(watching)}`).nextStreams()).toEqual([]);
  });

  test('that may only watch makes an observer of one who speaks conference.2', async () => {
    const host = await start();
    const observer = observeAsking(host, 'room=room&streamName=anna', [ASKING, hsToken(watching)]);
    expect(await observer.frame()).toMatchObject({ type: 'roster', streams: [] });
    expect(host.host.members('room')).toMatchObject([{ streamName: 'anna', observer: true }]);
  });

  test('that may only watch is refused where neither is so', async () => {
    const { open } = await start();
    const { closed } = open(`${joinTarget('room', 'anna')}&token=${hsToken(watching)}`);
    expect(await closed).toMatchObject({ code: 4403 });
  });

  test.each([
    ['for another room', { ...watching, room: 'other' }, 'the token is for another room'],
    ['that may do nothing', { roles: 'editor' }, 'the token may neither publish nor watch'],
    ['for another name', { streamName: 'ben' }, 'the token is for another streamName'],
  ])('%s lets no observer in', async (_, claims, reason) => {
    const host = await start();
    const observer = observe(host, `&streamName=anna&token=${hsToken(claims)}`);
    expect(await observer.closed).toEqual({ code: 4403, reason });
  });

  test('that may publish under a name lets an observer in who gives none', async () => {
    const host = await start();
    const observer = observe(host, `&token=${hsToken({ streamName: 'ben' })}`);
    expect(await observer.nextStreams()).toEqual([]);
  });
});
