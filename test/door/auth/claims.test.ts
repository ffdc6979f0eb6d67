/**
 * What claims mean, example by example. docs/security.md prints the table;
 * `UPDATE_DOCS=true npx jest test/door/auth/claims` writes it anew.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinTarget, startHost } from '../../helpers/host';
import { hsToken, ISSUER, keyToken, makeKey, publicJwk, SECRET } from '../../helpers/tokens';
import { startWebServer } from '../../helpers/web-server';

const WELCOME = 'lets in';
const OTHER_ROOM = 'the token is for another room';
const OTHER_NAME = 'the token is for another streamName';
const WATCH = 'the token may only watch, and a member is listed as a stream';
const NOTHING = 'the token may neither publish nor watch';
const NO_ROOMS = "the token's red5-room is no comma list";
const NO_ROLES = "the token's roles is no comma list";

/** Claims, the room that `anna` asks for, and what comes of it. */
type Row = readonly [claims: Record<string, unknown>, room: string, answer: string];

const rows: readonly Row[] = [
  [{}, 'a', WELCOME],
  [{ 'red5-room': 'a' }, 'a', WELCOME],
  [{ 'red5-room': 'a' }, 'secret', OTHER_ROOM],
  [{ 'red5-room': 'a,b' }, 'b', WELCOME],
  [{ 'red5-room': 'a,b' }, 'a,b', OTHER_ROOM],
  [{ 'red5-room': '' }, 'a', WELCOME],
  [{ 'red5-room': 'a,' }, 'a', WELCOME],
  [{ 'red5-room': ',,a' }, 'a', WELCOME],
  [{ 'red5-room': ',' }, 'a', OTHER_ROOM],
  [{ 'red5-room': ' ' }, 'a', OTHER_ROOM],
  [{ 'red5-room': ' a' }, 'a', OTHER_ROOM],
  [{ 'red5-room': 'b, a' }, 'a', OTHER_ROOM],
  [{ 'red5-room': 'b, a' }, ' a', WELCOME],
  [{ 'red5-room': 'A' }, 'a', OTHER_ROOM],
  [{ 'red5-room': 'ab' }, 'a', OTHER_ROOM],
  [{ 'red5-room': 'a' }, 'a/b', OTHER_ROOM],
  [{ 'red5-room': 'a/b' }, 'a/b', WELCOME],
  [{ 'red5-room': 'a/b' }, 'a', OTHER_ROOM],
  [{ 'red5-room': 'live/a' }, 'a', OTHER_ROOM],
  [{ 'red5-room': '*' }, 'a', OTHER_ROOM],
  [{ 'red5-room': ['a'] }, 'a', NO_ROOMS],
  [{ 'red5-room': [] }, 'a', NO_ROOMS],
  [{ 'red5-room': null }, 'a', NO_ROOMS],
  [{ 'red5-room': 1 }, '1', NO_ROOMS],
  [{ 'red5-room': { a: true } }, 'a', NO_ROOMS],
  [{ 'red5-room': 'a,b', room: 'b' }, 'b', WELCOME],
  [{ 'red5-room': 'a,b', room: 'b' }, 'a', OTHER_ROOM],
  [{ 'red5-room': 'a', room: ['a', 'b'] }, 'b', OTHER_ROOM],
  [{ 'red5-room': '', room: 'b' }, 'a', OTHER_ROOM],
  [{ roomId: 'a' }, 'a', WELCOME],
  [{ roomId: 'a' }, 'b', OTHER_ROOM],
  [{ roomId: 'a,b' }, 'a', OTHER_ROOM],
  [{ roomId: '' }, 'a', OTHER_ROOM],
  [{ roomId: null }, 'a', OTHER_ROOM],
  [{ roomId: 1 }, '1', OTHER_ROOM],
  [{ roomId: ['a'] }, 'a', OTHER_ROOM],
  [{ roomId: 'a', 'red5-room': 'a,b' }, 'a', WELCOME],
  [{ roomId: 'a', 'red5-room': 'b' }, 'a', OTHER_ROOM],
  [{ roomId: 'a', 'red5-room': 'b' }, 'b', OTHER_ROOM],
  [{ roomId: 'a', uid: 'ben' }, 'a', WELCOME],
  [{ roomId: 'a', streamName: 'ben' }, 'a', OTHER_NAME],
  [{ roles: 'red5-publisher' }, 'a', WELCOME],
  [{ roles: 'red5-subscriber,red5-publisher' }, 'a', WELCOME],
  [{ roles: 'editor,red5-publisher' }, 'a', WELCOME],
  [{ roles: '' }, 'a', WELCOME],
  [{ roles: 'red5-subscriber' }, 'a', WATCH],
  [{ roles: 'red5-subscriber,' }, 'a', WATCH],
  [{ roles: 'red5-subscriber, red5-publisher' }, 'a', WATCH],
  [{ roles: 'editor' }, 'a', NOTHING],
  [{ roles: 'publisher' }, 'a', NOTHING],
  [{ roles: 'Red5-Publisher' }, 'a', NOTHING],
  [{ roles: ',' }, 'a', NOTHING],
  [{ roles: ['red5-publisher'] }, 'a', NO_ROLES],
  [{ roles: null }, 'a', NO_ROLES],
  [{ roles: 1 }, 'a', NO_ROLES],
  [{ roles: { 'red5-publisher': true } }, 'a', NO_ROLES],
  [{ role: 'admin' }, 'a', WELCOME],
  [{ role: 'publisher' }, 'a', WELCOME],
  [{ role: 'subscriber' }, 'a', WATCH],
  [{ role: 'Publisher' }, 'a', NOTHING],
  [{ role: 'guest' }, 'a', NOTHING],
  [{ role: '' }, 'a', NOTHING],
  [{ role: null }, 'a', NOTHING],
  [{ role: ['publisher'] }, 'a', NOTHING],
  [{ role: 'publisher', roles: 'red5-subscriber' }, 'a', WATCH],
  [{ role: 'subscriber', roles: 'red5-publisher' }, 'a', WATCH],
  [{ role: 'subscriber', roles: 'editor' }, 'a', NOTHING],
  [{ role: 'subscriber', roomId: 'b' }, 'a', OTHER_ROOM],
  [{ 'red5-transport': 'RTMP' }, 'a', WELCOME],
];

const table = [
  '| claims | asked for | answer |',
  '| --- | --- | --- |',
  ...rows.map(([claims, room, answer]) => {
    const what = answer === WELCOME ? answer : `4403: ${answer}`;
    return `| \`${JSON.stringify(claims)}\` | \`${room}\` | ${what} |`;
  }),
].join('\n');

/** Joins as anna. */
async function answerTo(token: string, room: string, settings: Parameters<typeof startHost>[0]) {
  const { open } = await startHost(settings);
  const client = open(`${joinTarget(room, 'anna')}&token=${token}`);
  const first = client.next().then(
    () => WELCOME,
    () => 'closed',
  );
  const refused = client.closed.then(({ code, reason }) => `${code}: ${reason}`);
  const answer = await Promise.race([first.then((how) => (how === WELCOME ? how : refused)), refused]);
  return answer.replace(/^4403: /, '');
}

describe('a token signed with the shared secret', () => {
  test.each(rows)('%j and the room %s: %s', async (claims, room, answer) => {
    expect(await answerTo(hsToken(claims), room, { jwtSecret: SECRET })).toBe(answer);
  });
});

describe('a token signed with a key of a key server', () => {
  const key = makeKey('ES256', 'ec');

  test.each(rows)('%j and the room %s: %s', async (claims, room, answer) => {
    const { url } = await startWebServer((_request, response) =>
      response.end(JSON.stringify({ keys: [publicJwk(key)] })),
    );
    const settings = { jwtJwksUrl: url, jwtIssuer: ISSUER };
    expect(await answerTo(keyToken(key, claims), room, settings)).toBe(answer);
  });
});

test.each([
  [{ 'red5-room': 'a' }, WELCOME],
  [{ roomId: 'a' }, WELCOME],
  [{ 'red5-room': '' }, 'the token names no room'],
  [{ uid: 'anna' }, 'the token names no room'],
])('with JWT_REQUIRE=room, %j: %s', async (claims, answer) => {
  expect(await answerTo(hsToken(claims), 'a', { jwtSecret: SECRET, jwtRequire: ['room'] })).toBe(answer);
});

test('who may only watch is listed nowhere, and nobody hears of the attempt', async () => {
  const { open } = await startHost({ jwtSecret: SECRET });
  const anna = open(`${joinTarget('a', 'anna')}&token=${hsToken()}`);
  await anna.until('anna');
  const watcher = open(`${joinTarget('a', 'eve')}&token=${hsToken({ role: 'subscriber' })}`);
  expect(await watcher.closed).toEqual({ code: 4403, reason: WATCH });
  expect(watcher.unread()).toEqual([]);
  const ben = open(`${joinTarget('a', 'ben')}&token=${hsToken()}`);
  await ben.until('anna', 'ben');
  expect(await anna.until('anna', 'ben')).toHaveLength(1);
});

test('docs/security.md has these examples', () => {
  const path = join(__dirname, '../../../docs/security.md');
  const between = /(<!-- claims -->\n)[\s\S]*?(\n<!-- end -->)/;
  const text = readFileSync(path, 'utf8');
  const expected = text.replace(between, (_, start, end) => `${start}\n${table}\n${end}`);
  if (process.env.UPDATE_DOCS === 'true') writeFileSync(path, expected);
  expect(text).toMatch(between);
  expect(readFileSync(path, 'utf8')).toBe(expected);
});
