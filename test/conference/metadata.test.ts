/** What a member may tell of itself; test/sockets/metadata.test.ts has who hears it. */
import { encodeMetadata, parseMetadata, readMetadata } from '../../src/conference/metadata';

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));
/** So many bytes as JSON. */
const text = (bytes: number) => ({ a: `é${'x'.repeat(bytes - 10)}` });

test.each([
  ['nothing', {}],
  ['text, numbers and booleans', { name: 'Anna', seat: -1.5, muted: false, hand: true, empty: '' }],
  ['10 keys', keys(10)],
  ['1,024 bytes', text(1_024)],
])('%s may be told', (_what, metadata) => {
  expect(readMetadata(metadata)).toEqual({ ok: true, metadata });
  expect(parseMetadata(JSON.stringify(metadata))).toEqual({ ok: true, metadata });
});

test.each<[string, unknown, string]>([
  ['text', 'Anna', 'is no JSON object'],
  ['null', null, 'is no JSON object'],
  ['a list', [], 'is no JSON object'],
  ['11 keys', keys(11), 'has more than 10 keys'],
  ['an object in it', { a: 'b', c: {} }, 'has a value that is no text, number or boolean'],
  ['null in it', { a: null }, 'has a value that is no text, number or boolean'],
  ['a number without end', { a: 1, b: Number.POSITIVE_INFINITY }, 'has a number that is too large'],
  ['1,025 bytes', text(1_025), 'is longer than 1024 bytes'],
])('%s may not: the answer says why', (_what, metadata, problem) => {
  expect(readMetadata(metadata)).toEqual({ ok: false, problem });
});

test('what is no JSON may not either', () => {
  expect(parseMetadata('{"a":')).toEqual({ ok: false, problem: 'is no JSON' });
  expect(parseMetadata('{"a":1e999}')).toEqual({ ok: false, problem: 'has a number that is too large' });
});

test('whoever has no keys tells nothing', () => {
  expect(encodeMetadata({})).toBeUndefined();
  expect(encodeMetadata({ a: '"' })).toBe('{"a":"\\""}');
});
