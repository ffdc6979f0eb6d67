import * as fc from 'fast-check';
import {
  CHANGES_SUBPROTOCOL,
  encodeMessage,
  encodeName,
  encodeRoster,
  isName,
  NOT_IN_A_REASON,
  offersChanges,
  parseRequestTarget,
  queryParameters,
  SUBPROTOCOL,
} from '../../src/conference/protocol';

const ok = (room: string, streamName: string) => ({ ok: true, request: { room, streamName } });
const observing = (room: string, streamName: string) => ({
  ok: true,
  request: { room, streamName, observe: true },
});
const refused = (problem: string) => ({ ok: false, problem });
const long = (bytes: number) => 'x'.repeat(bytes);
/** A request target as the parser of Node hands it over: one character per byte. */
const onTheWire = (target: string) => Buffer.from(target).toString('latin1');

describe('a request target', () => {
  test.each([
    ['/?room=R&streamName=S', ok('R', 'S')],
    ['/live/conference?room=R&streamName=S', ok('R', 'S')],
    ['//?room=R&streamName=S', ok('R', 'S')],
    ['?room=R&streamName=S', ok('R', 'S')],
    ['/?streamName=S&room=R', ok('R', 'S')],
    ['http://host:8001/?room=R&streamName=S', ok('R', 'S')],
    ['/?room=my%20room&streamName=S', ok('my room', 'S')],
    ['/?room=a+b&streamName=S', ok('a+b', 'S')],
    ['/?room=a%2Bb&streamName=S', ok('a+b', 'S')],
    ['/?room=100%&streamName=S', ok('100%', 'S')],
    ['/?room=100%25&streamName=S', ok('100%', 'S')],
    ['/?room=%zz&streamName=S', ok('%zz', 'S')],
    ['/?room=%4&streamName=S', ok('%4', 'S')],
    ['/?room=%2526&streamName=S', ok('%26', 'S')],
    ['/?room=%E0%A4%A&streamName=S', ok('%E0%A4%A', 'S')],
    ['/?room=%C3%28&streamName=S', ok('%C3(', 'S')],
    ['/?room=%c3%a9%FF%41&streamName=S', ok('é%FFA', 'S')],
    ['/?room=%ED%A0%80&streamName=S', ok('%ED%A0%80', 'S')],
    ['/?room=caf%C3%A9&streamName=S', ok('café', 'S')],
    ['/?room=%F0%9F%98%80%FF&streamName=%FF%F0%9F%98%80', ok('😀%FF', '%FF😀')],
    ['/?room=%FF%F0%9F%98&streamName=%E2%82%AC%80%e2%82%AC', ok('%FF%F0%9F%98', '€%80€')],
    [onTheWire('/?room=é&streamName=S'), ok('é', 'S')],
    [onTheWire('/?room=café&streamName=😀'), ok('café', '😀')],
    ['/?room=caf\u00e9&streamName=S', ok('caf\u00e9', 'S')],
    ['/?room=a=b&streamName=c==', ok('a=b', 'c==')],
    ['/?room=a/b?c&streamName=S', ok('a/b?c', 'S')],
    ['/?room=a%26b&streamName=S', ok('a&b', 'S')],
    ['/?room=first&room=second&streamName=S&streamName=T', ok('first', 'S')],
    ['/?token=T&?room=R&streamName=S', ok('R', 'S')],
    ['/?token=T&?room=R&?streamName=S', ok('R', 'S')],
    ['/??room=R&streamName=S', ok('R', 'S')],
    ['/?%72oom=R&streamName=S', ok('R', 'S')],
    ['/?&&room=R&&streamName=S&', ok('R', 'S')],
    ['/?Room=x&ROOM=y&room=R&streamName=S', ok('R', 'S')],
    ['/?room=%20R%20&streamName=S', ok(' R ', 'S')],
    ['/?room=__proto__&streamName=constructor', ok('__proto__', 'constructor')],
    ['/?__proto__=x&room=hasOwnProperty&streamName=toString', ok('hasOwnProperty', 'toString')],
    [`/?room=${encodeURIComponent('👩‍👩‍👧')}&streamName=S`, ok('👩‍👩‍👧', 'S')],
    [`/?room=${encodeURIComponent('שלום \u202Eabc')}&streamName=S`, ok('שלום \u202Eabc', 'S')],
    ['/?room=%3Cimg%20onerror%3Dalert(1)%3E&streamName=S', ok('<img onerror=alert(1)>', 'S')],
    ['/?room=a,b&streamName=c%2Cd', ok('a,b', 'c,d')],
    [`/?room=${long(256)}&streamName=S`, ok(long(256), 'S')],
    [`/?room=${'%C3%A9'.repeat(128)}&streamName=S`, ok('é'.repeat(128), 'S')],
    ['/?room=%E2%80%A8&streamName=S', ok('\u2028', 'S')],
    ['/?room=%C2%80&streamName=S', ok('\u0080', 'S')],
    ['/?room=R&streamName=S#fragment', ok('R', 'S')],
    ['/?room=R&observe=1', observing('R', '')],
    ['/?room=R&streamName=S&observe=1', observing('R', 'S')],
    ['/?room=R&streamName=S&observe=true', ok('R', 'S')],
    ['/?room=R&streamName=S&observe=', ok('R', 'S')],
    ['/?room=R&observe=0', refused('streamName is missing')],
    ['/?room=R&streamName=&observe=1', refused('streamName is empty')],
    ['/?streamName=S&observe=1', refused('room is missing')],
    ['', refused('room is missing')],
    ['/', refused('room is missing')],
    ['*', refused('room is missing')],
    ['/?', refused('room is missing')],
    ['/#?room=R&streamName=S', refused('room is missing')],
    ['/?room=R#&streamName=S', refused('streamName is missing')],
    ['/?Room=R&streamName=S', refused('room is missing')],
    ['/?room=R', refused('streamName is missing')],
    ['/?room=R&streamname=S', refused('streamName is missing')],
    ['/?room=&streamName=S', refused('room is empty')],
    ['/?room&streamName=S', refused('room is empty')],
    ['/?room=&room=R&streamName=S', refused('room is empty')],
    ['/?room=R&streamName=', refused('streamName is empty')],
    [`/?room=${long(257)}&streamName=S`, refused('room is longer than 256 bytes')],
    [`/?room=R&streamName=${'%C3%A9'.repeat(129)}`, refused('streamName is longer than 256 bytes')],
    ['/?room=%00&streamName=S', refused('room contains control characters')],
    ['/?room=R&streamName=a%0Ab', refused('streamName contains control characters')],
    ['/?room=%7F&streamName=S', refused('room contains control characters')],
    ['/?room=a\u0001&streamName=S', refused('room contains control characters')],
  ])('%s', (target, expected) => {
    expect(parseRequestTarget(target)).toEqual(expected);
  });

  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: names have none
    .filter((text) => !/[\u0000-\u001F\u007F]/.test(text) && Buffer.byteLength(text) <= 256);

  test('brings back any name that encodeURIComponent has encoded', () => {
    fc.assert(
      fc.property(name, name, (room, streamName) => {
        const target = `/?room=${encodeURIComponent(room)}&streamName=${encodeURIComponent(streamName)}`;
        expect(parseRequestTarget(target)).toEqual(ok(room, streamName));
      }),
    );
  });

  test('brings back a name that a page has put into its URL as it is', () => {
    fc.assert(
      fc.property(name, (room) => {
        const { search } = new URL(`ws://host/?room=${room.replaceAll(/[&#%]/g, '')}r&streamName=S`);
        const parsed = parseRequestTarget(`/${search}`);
        expect(parsed).toEqual(ok(`${room.replaceAll(/[&#%]/g, '')}r`, 'S'));
      }),
    );
  });

  test('of any bytes gives a request or a problem, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isQuery) => {
        const soup = Buffer.from(bytes).toString('latin1');
        const parsed = parseRequestTarget(isQuery ? `/?room=${soup}&streamName=${soup}` : soup);
        if (!parsed.ok) return expect(parsed.problem).toMatch(/^(room|streamName) (is|contains) /);
        for (const text of Object.values(parsed.request)) {
          expect(Buffer.byteLength(text)).toBeGreaterThan(0);
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256);
          expect(Buffer.from(text).toString()).toBe(text);
        }
      }),
    );
  });
});

describe('a roster', () => {
  test('is what JSON.stringify makes of room and streams, whatever the names', () => {
    const anyText = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(anyText, fc.array(anyText), (room, names) => {
        const streams = names.map((name) => ({ encoded: encodeName(name) }));
        expect(encodeRoster(encodeName(room), streams)).toBe(JSON.stringify({ room, streams: names }));
      }),
    );
  });
});

test('a query is a map, in which the first of a key counts', () => {
  expect([...queryParameters('/?=x&a=1&a=2&b&?c=?d&e==')]).toEqual([
    ['', 'x'],
    ['a', '1'],
    ['b', ''],
    ['c', '?d'],
    ['e', '='],
  ]);
});

test('the subprotocols have the names that clients in the field know', () => {
  expect([SUBPROTOCOL, CHANGES_SUBPROTOCOL]).toEqual(['conference', 'conference.2']);
});

test.each([
  [undefined, false],
  ['', false],
  ['conference', false],
  ['conference.20', false],
  ['conference.2', true],
  ['conference, conference.2 ,token', true],
])('whoever offers the subprotocols %j speaks conference.2: %j', (offered, expected) => {
  expect(offersChanges(offered)).toBe(expected);
});

test.each([
  ['a', true],
  ['😀', true],
  ['x'.repeat(256), true],
  ['', false],
  ['x'.repeat(257), false],
  ['\n', false],
  ['\uD800', false],
])('%j can be a name: %j', (text, expected) => {
  expect(isName(text)).toBe(expected);
});

test.each(['\n', '\u007F', '\uD800', '\u2028', '\u2029', '\u202E', '\u200F'])(
  '%j is in no reason',
  (character) => {
    expect(NOT_IN_A_REASON.test(`why${character}not`)).toBe(true);
    expect(NOT_IN_A_REASON.test('why not, é 😀 שלום')).toBe(false);
  },
);

test('a message is carried as it is', () => {
  expect(encodeMessage('{"a":[1]}')).toBe('{"type":"message","message":{"a":[1]}}');
});
