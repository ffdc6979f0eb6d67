/** Nobody vanishes because the media server has a problem, and it is said what to do about it. */

import { ADMIN_TOKEN, ask } from '../helpers/http';
import { TestLog } from '../helpers/log';
import { CREDENTIALS, type Failure, Red5 } from '../helpers/red5';
import { pass, settle, startRed5Host } from '../helpers/red5-host';

const CANNOT = 'the media server is unreachable: no stream is removed from a roster meanwhile';

type How = 'standalone' | 'streamManager';

async function start(how: How, more: object = {}) {
  const red5 = await Red5.start();
  red5.publish('live/red5/anna', 'live/red5/obs', 'live/red5/ben');
  const log = new TestLog();
  const host = await startRed5Host({
    ...{ roster: 'both', adminToken: ADMIN_TOKEN, logger: log.logger },
    ...red5[how],
    ...more,
  });
  const anna = host.join('red5', 'anna');
  await anna.until('anna', 'obs', 'ben');
  const ben = host.join('red5', 'ben');
  await ben.until('anna', 'obs', 'ben');
  return { red5, log, anna, ben, ...host };
}

const FAILURES: readonly [Failure, RegExp][] = [
  ['refuses', /RED5_ACCESS_TOKEN.* security.accessToken, and its hosts.txt|set STREAM_MANAGER_USER/],
  ['is at fault', /^it answers with status 500$/],
  ['talks nonsense', /no JSON/],
  ['answers with a page', /no JSON|STREAM_MANAGER_NODE_GROUP/],
  ['has a proxy that is at fault', /^it answers with status 502$/],
  ['redirects', /^it answers with status 302: .*URL/],
  ['lists no streams', /no list of streams/],
  ['lists what is no stream', /not what the API documents/],
  ['sends without end', /longer than \d+ bytes/],
  ['is silent', /does not answer within 5 s/],
  ['hangs up', /cannot be reached: ECONNRESET/],
  ['speaks another protocol', /hangs up|cannot be reached/],
];

describe.each<How>(['standalone', 'streamManager'])('while a server asked as %s', (how) => {
  test.each(FAILURES)('%s, everybody stays listed, and it is said why', async (failure, why) => {
    const { red5, log, port, ben, clock } = await start(how);
    await pass(clock, red5, 1);
    red5.failure = failure;
    red5.unpublish('live/red5/anna', 'live/red5/obs');
    await pass(clock, red5, 30);
    expect(ben.unread()).toEqual([]);
    const { json } = await ask(port, '/healthz');
    const reason = expect.stringMatching(why);
    expect(json).toMatchObject({ status: 'degraded', degraded: [{ part: 'media server', reason }] });
    expect((await ask(port, '/metrics')).body).toMatch('conference_media_up 0');
    const { level, problem } = await log.line(CANNOT);
    expect([level, problem]).toEqual([50, expect.stringMatching(why)]);
    red5.failure = undefined;
    await pass(clock, red5, 6);
    await ben.until('ben');
    expect((await ask(port, '/healthz')).json).toMatchObject({ status: 'ok' });
    expect((await ask(port, '/metrics')).body).toMatch('conference_media_up 1');
    await log.line('the media server is reachable again');
  });

  test('is away, everybody stays listed, whoever comes is listed, and it is asked once a second at most', async () => {
    const { red5, ben, clock, join } = await start(how);
    await pass(clock, red5, 1);
    await red5.down();
    red5.unpublish('live/red5/anna', 'live/red5/obs');
    await pass(clock, red5, 30);
    const carl = join('red5', 'carl');
    await carl.until('anna', 'obs', 'ben', 'carl');
    await pass(clock, red5, 30);
    expect(await ben.until('anna', 'obs', 'ben', 'carl')).toHaveLength(1);
    expect(carl.unread()).toEqual([]);
    await red5.up();
    await pass(clock, red5, 6);
    await ben.until('ben');
  });

  test('is away, a hint of an end takes nobody away before it is asked', async () => {
    const { red5, ben, clock, unpublished } = await start(how);
    await pass(clock, red5, 1);
    await red5.down();
    expect(await unpublished('live/red5/obs')).toBe(204);
    await pass(clock, red5, 20);
    expect(ben.unread()).toEqual([]);
    await red5.up();
    await pass(clock, red5, 6);
    expect(ben.unread()).toEqual([]);
  });
});

test('a room that a server has never heard of keeps its sockets, and a room that it has forgotten does not', async () => {
  const { red5, clock, join } = await start('standalone');
  const eve = join('never', 'eve');
  await eve.until('eve');
  await pass(clock, red5, 40);
  const fay = join('never', 'fay');
  await fay.until('eve', 'fay');
  red5.publish('live/never/eve');
  await pass(clock, red5, 20);
  await fay.until('eve');
  red5.unpublish('live/never/eve');
  await pass(clock, red5, 6);
  await fay.until();
});

test('a failure that the server tells in its answer, under status 200, is what it tells', async () => {
  const { red5, log, ben, clock, join } = await start('standalone');
  await pass(clock, red5, 1);
  red5.tellsStatusInside = true;
  await pass(clock, red5, 12);
  await join('never', 'eve').until('eve');
  await pass(clock, red5, 20);
  expect(ben.unread()).toEqual([]);
  expect(log.text).not.toMatch(CANNOT);
  red5.failure = 'refuses';
  await pass(clock, red5, 12);
  expect((await log.line(CANNOT)).problem).toMatch('RED5_ACCESS_TOKEN');
});

test('a room that has failed once is asked again, and the server is not given up for it', async () => {
  const { red5, port, clock } = await start('standalone');
  red5.failure = 'hangs up';
  const { asked } = red5;
  while (red5.asked === asked) await pass(clock, red5, 0.05);
  red5.failure = undefined;
  await pass(clock, red5, 2);
  expect((await ask(port, '/healthz')).json).toMatchObject({ status: 'ok' });
});

test('a stop while questions are under way is no problem of the server', async () => {
  const { red5, log, host, clock, join } = await start('standalone');
  await pass(clock, red5, 1);
  red5.failure = 'is silent';
  for (let room = 0; room < 8; room++) await join(`room ${room}`, 'anna').until('anna');
  await settle(red5);
  await host.closeNow();
  await settle(red5);
  expect(log.text).not.toMatch(CANNOT);
});

test('a Stream Manager that wants its token gets it, and a new one when that has expired', async () => {
  const red5 = await Red5.start();
  red5.wantsToken = true;
  red5.publish('live/red5/obs');
  const { user: streamManagerUser, password: streamManagerPassword } = CREDENTIALS;
  const { clock, join } = await startRed5Host({
    ...red5.streamManager,
    ...{ roster: 'both', streamManagerUser, streamManagerPassword },
  });
  const anna = join('red5', 'anna');
  await anna.until('anna', 'obs');
  await pass(clock, red5, 12);
  expect(red5.logins).toBe(1);
  red5.expireToken();
  red5.publish('live/red5/cam');
  await pass(clock, red5, 6);
  await anna.until('anna', 'obs', 'cam');
  expect(red5.logins).toBe(2);
});

test.each<[string, { cannotLogIn?: boolean; streamManagerPassword?: string }, RegExp]>([
  [
    'refuses the password',
    { streamManagerPassword: 'another' },
    /refuses STREAM_MANAGER_USER and STREAM_MANAGER_PASSWORD \(401\)/,
  ],
  ['cannot give a token', { cannotLogIn: true }, /^it answers with status 503$/],
])('a Stream Manager that %s says so', async (_what, { cannotLogIn = false, ...more }, why) => {
  const red5 = await Red5.start();
  Object.assign(red5, { wantsToken: true, cannotLogIn });
  const log = new TestLog();
  const { user: streamManagerUser, password: streamManagerPassword } = CREDENTIALS;
  const settings = { ...red5.streamManager, streamManagerUser, streamManagerPassword, ...more };
  const { clock, join } = await startRed5Host({ ...settings, roster: 'live', logger: log.logger });
  join('red5', 'anna');
  await red5.next();
  await pass(clock, red5, 5);
  expect((await log.line(CANNOT)).problem).toMatch(why);
});

test('a Stream Manager whose node group is another one says which setting to look at', async () => {
  const red5 = await Red5.start();
  const log = new TestLog();
  const settings = { ...red5.streamManager, streamManagerNodeGroup: 'eu', logger: log.logger };
  const { clock, join } = await startRed5Host({ ...settings, roster: 'live' });
  join('red5', 'anna');
  await red5.next();
  await pass(clock, red5, 20);
  expect(await log.line(CANNOT)).toMatchObject({
    problem: expect.stringMatching('STREAM_MANAGER_NODE_GROUP'),
  });
});
