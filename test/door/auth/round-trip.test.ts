import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Authority } from '../../../src/door/auth/authority';
import { MAX_WAITING } from '../../../src/door/auth/backend';
import { roundTripCheck } from '../../../src/door/auth/round-trip';
import { createConferenceHost, type HostOptions } from '../../../src/index';
import { startBackend } from '../../helpers/backend';
import { joinTarget, startHost } from '../../helpers/host';
import { TestLog } from '../../helpers/log';
import { startWebServer, unusedUrl } from '../../helpers/web-server';

const CREDENTIALS = 'username=user&password=p%26ss+word&token=t';
const TARGET = `${joinTarget('room', 'anna')}&${CREDENTIALS}`;
const REJECTED = { code: 4401, reason: 'the credentials were rejected' };
const TRY_LATER = { code: 4429, reason: 'credentials cannot be checked now' };

describe('the backend', () => {
  test.each(['', '/', '/red5/auth', '/red5/auth/'])(
    'with the path "%s" is asked as the media server asks it',
    async (path) => {
      const backend = await startBackend((question) => question.yes());
      const { open } = await startHost({ authUrl: `${backend.url}${path}` });
      await open(TARGET).until('anna');
      expect(await backend.next()).toMatchObject({
        method: 'POST',
        path: `${path.replace(/\/$/, '')}/validateCredentials`,
        contentType: 'application/json',
        body: { username: 'user', password: 'p&ss+word', token: 't', type: 'publisher', streamID: 'anna' },
      });
    },
  );

  test('gets empty texts for what a client does not bring, and what the Testbed brings', async () => {
    const backend = await startBackend((question) => question.yes());
    const { open } = await startHost({ authUrl: backend.url });
    await open(`/?username=user&?room=room&streamName=${encodeURIComponent('ann é')}`).until('ann é');
    const { body } = await backend.next();
    expect(body).toEqual({ username: 'user', password: '', token: '', type: 'publisher', streamID: 'ann é' });
  });

  test('is asked about a subscriber where somebody observes', async () => {
    const backend = await startBackend((question) => question.yes());
    const { open } = await startHost({ authUrl: backend.url });
    await open('/?username=user&room=room&observe=1').until();
    expect((await backend.next()).body).toMatchObject({ type: 'subscriber', streamID: '' });
  });

  test.each<[string, string, string[], Record<string, string>]>([
    ['a header', TARGET, ['conference', 'c'], { Authorization: 'Bearer b' }],
    ['the query', TARGET.replace('token=t', 'token=b'), ['conference', 'c'], {}],
    ['a subprotocol', TARGET.replace('&token=t', ''), ['conference', 'b'], {}],
    ['a subprotocol alone', joinTarget('room', 'anna'), ['conference', 'b'], {}],
  ])('gets the token of %s', async (_where, target, protocols, headers) => {
    const backend = await startBackend((question) => question.yes());
    const { open } = await startHost({ authUrl: backend.url });
    await open(target, protocols, { headers }).until('anna');
    expect((await backend.next()).body).toMatchObject({ token: 'b' });
  });

  test.each<[string, HostOptions, string, string]>([
    ['which is that of its socket', {}, '192.0.2.1', '127.0.0.1'],
    ['which a trusted proxy tells', { trustProxy: ['loopback'] }, '192.0.2.1', '192.0.2.1'],
    ['which is of IPv6', { trustProxy: ['loopback'] }, '2001:db8::1', '2001:db8::1'],
    [
      'that nobody but the proxy has written',
      { trustProxy: ['loopback'] },
      '6.6.6.6, 192.0.2.1',
      '192.0.2.1',
    ],
  ])('is told the client’s address, %s', async (_which, options, header, address) => {
    const backend = await startBackend((question) => question.yes());
    const { open } = await startHost({ ...options, authUrl: backend.url });
    await open(TARGET, [], { headers: { 'X-Forwarded-For': header } }).until('anna');
    expect((await backend.next()).forwardedFor).toBe(address);
  });

  test('is asked once for each join, and about nothing when members leave', async () => {
    const backend = await startBackend((question) => question.yes());
    const { open } = await startHost({ authUrl: backend.url });
    for (const count of [1, 2, 3]) {
      const anna = open(TARGET);
      await anna.until('anna');
      await anna.leave();
      expect(backend.asked()).toBe(count);
      expect((await backend.next()).path).toBe('/validateCredentials');
    }
  });

  test('is not asked about clients without any credentials', async () => {
    const backend = await startBackend((question) => question.yes());
    const { open } = await startHost({ authUrl: backend.url });
    expect(await open(joinTarget('room', 'anna')).closed).toEqual({
      code: 4401,
      reason: 'username, password and token are missing',
    });
    expect(backend.asked()).toBe(0);
  });
});

describe('an answer', () => {
  const body =
    (text: string, status = 200) =>
    (response: ServerResponse) =>
      response.writeHead(status).end(text);

  test.each([
    ['yes', body('{"result":true}')],
    ['yes with a url', body('{"result":true,"url":"https://x.example/"}')],
    [
      'yes in pieces',
      (response: ServerResponse) => {
        response.write('{"resu');
        response.end('lt":true}');
      },
    ],
  ])('that says %s lets in', async (_what, answer) => {
    const backend = await startBackend(({ response }) => answer(response));
    const { open } = await startHost({ authUrl: backend.url });
    await open(TARGET).until('anna');
  });

  test.each<[string, (response: ServerResponse) => void, { code: number; reason: string }]>([
    ['says no', body('{"result":false}'), REJECTED],
    ['says yes as text', body('{"result":"true"}'), REJECTED],
    ['says one', body('{"result":1}'), REJECTED],
    ['says nothing', body('{}'), REJECTED],
    ['is empty', body(''), REJECTED],
    ['is true alone', body('true'), REJECTED],
    ['is null', body('null'), REJECTED],
    ['is a list', body('[{"result":true}]'), REJECTED],
    ['is a web page', body('<html>{"result":true}</html>'), REJECTED],
    ['is cut off', body('{"result":true'), REJECTED],
    ['is a flood', body(`${' '.repeat(1_000_000)}{"result":true}`), REJECTED],
    ['is 201', body('{"result":true}', 201), REJECTED],
    ['is 204', body('', 204), REJECTED],
    ['is 401', body('{"result":true}', 401), REJECTED],
    ['is 404', body('{"result":true}', 404), REJECTED],
    ['is 429', body('', 429), TRY_LATER],
    ...[500, 501, 502, 503, 504, 507, 599].map<
      [string, (response: ServerResponse) => void, typeof TRY_LATER]
    >((status) => [`is ${status}`, body('{"result":true}', status), TRY_LATER]),
    ['is a hang-up', (response) => response.destroy(), TRY_LATER],
    [
      'is a hang-up in the middle',
      (response) => {
        response.write('{"result":');
        response.flushHeaders();
        setImmediate(() => response.destroy());
      },
      TRY_LATER,
    ],
  ])('that %s lets nobody in', async (_what, answer, closed) => {
    const backend = await startBackend(({ response }) => answer(response));
    const { open, host } = await startHost({ authUrl: backend.url });
    const client = open(TARGET);
    expect(await client.closed).toEqual(closed);
    expect(client.unread()).toEqual([]);
    expect(host.roomCount).toBe(0);
  });

  test('that points elsewhere is not followed', async () => {
    const other = await startBackend((question) => question.yes());
    for (const status of [301, 302, 303, 307, 308]) {
      const backend = await startBackend(({ response }) =>
        response.writeHead(status, { Location: `${other.url}/validateCredentials` }).end(),
      );
      const { open } = await startHost({ authUrl: backend.url });
      expect(await open(TARGET).closed).toEqual(REJECTED);
    }
    expect(other.asked()).toBe(0);
  });

  test.each([
    ['at all', () => {}],
    ['to the end', (response: ServerResponse) => response.write('{"result":')],
  ])('that does not come %s within the time-out is an error, and nobody is let in', async (_what, answer) => {
    const backend = await startBackend(({ response }) => answer(response));
    const { events } = createConferenceHost();
    const failed = once(events, 'authority');
    const check = roundTripCheck(backend.url, new Authority('auth backend', events), 50);
    const verdict = await check({
      request: { headers: {}, url: TARGET },
      joining: { room: 'room', streamName: 'anna' },
      address: '127.0.0.1',
      gone: new AbortController().signal,
    });
    const problem = 'no answer within 50 ms';
    expect(verdict).toEqual({ refusal: expect.objectContaining(TRY_LATER), problem });
    expect(await failed).toEqual([{ name: 'auth backend', problem }]);
    expect(await (await backend.next()).over).toBe(false);
  });

  test('to one client delays no other', async () => {
    const backend = await startBackend((question) => {
      if (question.body.streamID !== 'slow') question.yes();
    });
    const { open } = await startHost({ authUrl: backend.url });
    const slow = open(`${joinTarget('room', 'slow')}&${CREDENTIALS}`);
    const asked = await backend.next();
    const anna = open(TARGET);
    expect(await anna.next()).toEqual({ room: 'room', streams: ['anna'] });
    expect(slow.unread()).toEqual([]);
    asked.yes();
    expect(await slow.nextStreams()).toEqual(['anna', 'slow']);
    expect(await anna.nextStreams()).toEqual(['anna', 'slow']);
  });
});

describe('a backend that cannot be reached', () => {
  test('is an error in the log and among the events, and clients are told to try later', async () => {
    const log = new TestLog();
    const { open, host } = await startHost({ authUrl: await unusedUrl(), logger: log.logger });
    const authorised = once(host.events, 'authorised');
    expect(await open(TARGET).closed).toEqual(TRY_LATER);
    expect(await authorised).toEqual([
      {
        method: 'round_trip',
        outcome: 'unavailable',
        problem: 'ECONNREFUSED',
        duration: expect.any(Number),
        address: '127.0.0.1',
      },
    ]);
    expect(await log.line('unreachable: clients that depend on it cannot join')).toMatchObject({
      level: 50,
      authority: 'auth backend',
      problem: 'ECONNREFUSED',
    });
  });

  test('is told of once, until it answers again', async () => {
    const { url, port, stop } = await startBackend();
    await stop();
    const { open, host } = await startHost({ authUrl: url });
    const told = jest.fn();
    host.events.on('authority', told);
    for (let count = 0; count < 3; count++) expect(await open(TARGET).closed).toEqual(TRY_LATER);
    expect(told).toHaveBeenCalledTimes(1);
    await startWebServer((_request, response) => response.end('{"result":true}'), port);
    await open(TARGET).until('anna');
    expect(told.mock.calls).toEqual([
      [{ name: 'auth backend', problem: 'ECONNREFUSED' }],
      [{ name: 'auth backend', problem: undefined }],
    ]);
  });
});

const BUSY = { code: 4429, reason: 'too many clients wait for their credentials to be checked' };

describe('no more than so many clients wait at a time', () => {
  async function startCrowded() {
    const backend = await startBackend();
    const { open } = await startHost({
      authUrl: backend.url,
      trustProxy: ['loopback'],
      maxHandshakesPerIp: 1_000,
    });
    const from = (address: string, streamName = 'anna') =>
      open(`${joinTarget('room', streamName)}&${CREDENTIALS}`, [], {
        headers: { 'X-Forwarded-For': address },
      });
    const crowd = async (count: number, address: (index: number) => string) => {
      const clients = Array.from({ length: count }, (_, index) => from(address(index)));
      const questions = await Promise.all(clients.map(() => backend.next()));
      return { clients, questions };
    };
    return { backend, from, crowd };
  }

  test('the next one is told to try later, and has its turn when one has gone', async () => {
    const { backend, from, crowd } = await startCrowded();
    const { clients, questions } = await crowd(MAX_WAITING, () => '192.0.2.1');
    expect(await from('192.0.2.1').closed).toEqual(BUSY);
    questions[0]?.no();
    expect(await Promise.race(clients.map(({ closed }) => closed))).toEqual(REJECTED);
    const late = from('192.0.2.1', 'late');
    const question = await backend.next();
    expect(question.body.streamID).toBe('late');
    question.yes();
    expect(await late.nextStreams()).toEqual(['late']);
    for (const client of clients) client.ws.terminate();
  });

  test.each([
    ['one address', () => '192.0.2.1'],
    ['one /64 network of IPv6', (index: number) => `2001:db8::${(index + 1).toString(16)}`],
    ['a hundred /64 networks of one site', (index: number) => `2001:db8:0:${index.toString(16)}::1`],
    ['three addresses', (index: number) => `192.0.2.${index % 3}`],
  ])('a hundred from %s keep nobody else from waiting', async (_where, address) => {
    const { backend, from, crowd } = await startCrowded();
    const { clients } = await crowd(MAX_WAITING, address);
    const ben = from('198.51.100.1', 'ben');
    expect(await Promise.race(clients.map(({ closed }) => closed))).toEqual(BUSY);
    const question = await backend.next();
    expect(question.body.streamID).toBe('ben');
    question.yes();
    await ben.until('ben');
    for (const client of clients) client.ws.terminate();
  });

  test('where each has one, a newcomer from yet another address is told to try later', async () => {
    const { from, crowd } = await startCrowded();
    const { clients } = await crowd(MAX_WAITING, (index) => `192.0.2.${index}`);
    expect(await from('198.51.100.1').closed).toEqual(BUSY);
    for (const client of clients) expect(client.ws.readyState).toBe(client.ws.OPEN);
    for (const client of clients) client.ws.terminate();
  });

  test('who has lost its place is no longer asked about, and the backend is not said to fail', async () => {
    const backend = await startBackend();
    const { events } = createConferenceHost();
    const failed = jest.fn();
    events.on('authority', failed);
    const check = roundTripCheck(backend.url, new Authority('auth backend', events));
    const ask = (address: string) =>
      check({
        request: { headers: {}, url: TARGET },
        joining: { room: 'room', streamName: 'anna' },
        address,
        gone: new AbortController().signal,
      });
    const crowd = Array.from({ length: MAX_WAITING }, () => ask('192.0.2.1'));
    const questions = await Promise.all(crowd.map(() => backend.next()));
    void ask('198.51.100.1');
    expect(await crowd.at(-1)).toMatchObject({ refusal: BUSY, problem: expect.stringMatching(/place/) });
    expect(await Promise.race(questions.map(({ over }) => over))).toBe(false);
    expect(failed).not.toHaveBeenCalled();
    for (const { yes } of [...questions, await backend.next()]) yes();
    expect(await Promise.all(crowd.slice(0, -1))).toEqual(
      Array(MAX_WAITING - 1).fill({ refusal: undefined }),
    );
  });
});
