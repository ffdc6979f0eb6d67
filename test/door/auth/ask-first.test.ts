/** JOIN_URL: the application is asked before somebody joins. */
import { once } from 'node:events';
import { askFirst } from '../../../src/door/auth/ask-first';
import { Authority } from '../../../src/door/auth/authority';
import type { AuthorityFacts } from '../../../src/events';
import { createConferenceHost } from '../../../src/index';
import { startBackend } from '../../helpers/backend';
import { joinTarget, startHost } from '../../helpers/host';
import { ADMIN_TOKEN } from '../../helpers/http';
import { hsToken, SECRET } from '../../helpers/tokens';
import { startWebServer, unusedUrl } from '../../helpers/web-server';

const TARGET = joinTarget('red5', 'anna');
const NOT_ADMITTED = { code: 4403, reason: 'the application does not let you in' };
const LATER = { code: 4429, reason: 'the application cannot be asked now' };

const saying = (answer: unknown, status = 200) =>
  startBackend(({ response }) =>
    response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer)),
  );

test('the application hears who wants to join, and where, and lets in', async () => {
  const backend = await saying({ allow: true });
  const { open } = await startHost({ joinUrl: `${backend.url}/may-join?tenant=7`, jwtSecret: SECRET });
  const token = hsToken({ sub: 'user-1', room: 'red5' });
  await open(TARGET, ['conference', token], { headers: { Origin: 'https://app.example' } }).until('anna');
  const { method, path, body } = await backend.next();
  expect([method, path]).toEqual(['POST', '/may-join?tenant=7']);
  expect(body).toEqual({
    ...{ room: 'red5', streamName: 'anna', observe: false, address: '127.0.0.1' },
    origin: 'https://app.example',
    claims: { sub: 'user-1', room: 'red5', exp: expect.any(Number) },
  });
});

test('it hears of an observer, and knows by a secret that it is the host who asks', async () => {
  let authorization: string | undefined;
  const { url } = await startWebServer((request, response) => {
    authorization = request.headers.authorization;
    response.end('{"allow":true}');
  });
  const { open } = await startHost({ joinUrl: url, joinSecret: ADMIN_TOKEN });
  await open('/?room=red5&observe=1').until();
  expect(authorization).toBe(`Bearer ${ADMIN_TOKEN}`);
});

test.each([
  ['a no', { allow: false }, NOT_ADMITTED],
  [
    'a no with a reason',
    { allow: false, reason: 'the lecture begins at 9' },
    { code: 4403, reason: 'the lecture begins at 9' },
  ],
  [
    'a reason that is too long',
    { allow: false, reason: 'é'.repeat(99) },
    { code: 4403, reason: 'é'.repeat(61) },
  ],
  [
    'a reason with line feeds',
    { allow: false, reason: 'no\r\nway\u0000' },
    { code: 4403, reason: 'no  way' },
  ],
  [
    'a reason that would turn a line around',
    { allow: false, reason: '\u202Eno\u2066 \u2028way' },
    { code: 4403, reason: 'no   way' },
  ],
  ['a reason that is none', { allow: false, reason: 7 }, NOT_ADMITTED],
  ['a yes that is a text', { allow: 'true' }, NOT_ADMITTED],
  ['a limit that is none', { allow: true, maxSize: '12' }, NOT_ADMITTED],
  ['no JSON', 'yes', NOT_ADMITTED],
  ['null', 'null', NOT_ADMITTED],
  ['too much', `{"allow":true,"x":"${'x'.repeat(17_000)}"}`, NOT_ADMITTED],
])('%s keeps out', async (_, answer, closed) => {
  const backend = await saying(answer);
  const { open } = await startHost({ joinUrl: backend.url });
  expect(await open(TARGET).closed).toEqual(closed);
});

test.each([
  [404, NOT_ADMITTED],
  [302, NOT_ADMITTED],
  [429, LATER],
  [500, LATER],
])('a yes with the status %i keeps out', async (status, closed) => {
  const backend = await saying({ allow: true }, status);
  const { open } = await startHost({ joinUrl: backend.url });
  expect(await open(TARGET).closed).toEqual(closed);
});

test('a yes with a limit holds for the room as it is when the answer is there', async () => {
  const backend = await startBackend();
  const { open } = await startHost({ joinUrl: backend.url });
  const clients = ['anna', 'ben', 'carl'].map((name) => open(joinTarget('red5', name)));
  for (const question of [await backend.next(), await backend.next(), await backend.next()])
    question.response.end('{"allow":true,"maxSize":2}');
  const outcomes = await Promise.all(
    clients.map((one) =>
      Promise.race([one.next().then(() => 'in'), one.closed.then(({ reason }) => reason)]),
    ),
  );
  expect(outcomes.sort()).toEqual(['in', 'in', 'the room is full']);
});

test('whom the host keeps out by itself is not asked about', async () => {
  const backend = await saying({ allow: true });
  const { open } = await startHost({ joinUrl: backend.url, jwtSecret: SECRET, maxRoomSize: 1 });
  expect(await open(TARGET).closed).toMatchObject({ code: 4401 });
  await open(TARGET, ['conference', hsToken()]).until('anna');
  expect(await open(joinTarget('red5', 'ben'), ['conference', hsToken()]).closed).toMatchObject({
    code: 4429,
  });
  expect(backend.asked()).toBe(1);
});

test('a lock that comes while the application thinks keeps out', async () => {
  const backend = await startBackend();
  const { open, port } = await startHost({ joinUrl: backend.url, adminToken: ADMIN_TOKEN });
  const anna = open(TARGET);
  const question = await backend.next();
  await fetch(`http://127.0.0.1:${port}/api/rooms/red5/policy`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: '{"locked":true}',
  });
  question.response.end('{"allow":true}');
  expect(await anna.closed).toMatchObject({ code: 4423 });
});

test('an application that is away keeps everybody out until it is back, and that is told once', async () => {
  const { open, host } = await startHost({ joinUrl: await unusedUrl() });
  const told: AuthorityFacts[] = [];
  host.events.on('authority', (facts) => told.push(facts));
  expect(await open(TARGET).closed).toEqual(LATER);
  expect(await open(TARGET).closed).toEqual(LATER);
  expect(told).toEqual([{ name: 'application', problem: 'ECONNREFUSED' }]);
});

test('who goes away is not waited for, and an answer that takes too long is none', async () => {
  const backend = await startBackend();
  const { open, host } = await startHost({ joinUrl: backend.url });
  const anna = open(TARGET);
  const question = await backend.next();
  anna.ws.terminate();
  expect(await question.over).toBe(false);
  expect(host.roomCount).toBe(0);
  const ask = askFirst(
    { joinUrl: backend.url, joinSecret: undefined },
    new Authority('application', host.events),
    20,
  );
  const joining = { room: 'red5', streamName: 'anna' };
  const applicant = {
    request: { headers: {} },
    joining,
    address: '192.0.2.1',
    gone: new AbortController().signal,
  };
  expect(await ask(applicant)).toMatchObject({
    refusal: { name: 'join_unavailable' },
    problem: 'no answer within 20 ms',
  });
});

test('how it has answered is told to listeners, with how long that took', async () => {
  const backend = await saying({ allow: false });
  const { open, host } = await startHost({ joinUrl: backend.url });
  const told = once(host.events, 'authorised');
  await open(TARGET).closed;
  expect(await told).toEqual([
    expect.objectContaining({ method: 'application', outcome: 'refused', duration: expect.any(Number) }),
  ]);
});

test('a secret without an address to send it to is a mistake', () => {
  expect(() => createConferenceHost({ joinSecret: ADMIN_TOKEN })).toThrow(
    'joinSecret is set without joinUrl',
  );
});
