import { readQuery } from '../../src/http/query';
import {
  about,
  count,
  fits,
  flag,
  list,
  named,
  number,
  object,
  oneOf,
  otherwise,
  pattern,
  printed,
  type Schema,
  text,
  whole,
} from '../../src/http/schema';

const person = named('Person', object({ name: text('How it is called', 5) }, { age: count() }));

test.each<[string, Schema, unknown[], unknown[]]>([
  ['a text', text(undefined, 3), ['', 'abc'], ['abcd', 1, null, undefined, []]],
  ['a pattern', pattern('^a+$', ''), ['a', 'aa'], ['', 'b', 'ab', 1]],
  ['a count', count(), [0, 1, 2 ** 53 - 1], [-1, 0.5, 2 ** 53, '1', Number.NaN, Infinity, null]],
  ['a range', whole(2, 3), [2, 3], [1, 4, 2.5]],
  ['a number', number(), [0, 0.5], [-0.1, Infinity, '0']],
  ['a flag', flag(), [true, false], ['true', 1, null]],
  ['one of some', oneOf(['a', 'b']), ['a', 'b'], ['c', 'toString', 0, ['a']]],
  ['a list', list(count(), undefined, 2), [[], [1, 2]], [[1, 2, 3], ['1'], {}, 'ab', { length: 0 }]],
  [
    'an object',
    person,
    [
      { name: 'anna' },
      { name: 'anna', age: 1 },
      { name: 'anna', later: true },
      { name: 'anna', age: undefined },
    ],
    [{}, { age: 1 }, { name: 'annabel' }, { name: 'anna', age: '1' }, null, 'anna', { name: undefined }],
  ],
  ['an inherited field', person, [], [Object.create({ name: 'anna' })]],
])('%s', (_, schema, right, wrong) => {
  for (const value of right) expect([value, fits(schema, value)]).toEqual([value, true]);
  for (const value of wrong) expect([value, fits(schema, value)]).toEqual([value, false]);
});

test('a query is read with its defaults, or what is wrong is said', () => {
  const fields = {
    search: otherwise(text('what to look for', 5), ''),
    limit: otherwise(whole(1, 9), 5),
    order: otherwise(oneOf(['asc', 'desc']), 'asc'),
    room: text('the name of a room'),
  };
  const read = (query: Record<string, string>) => readQuery(fields, new Map(Object.entries(query)));
  const defaults = { search: '', limit: 5, order: 'asc', room: 'r' };
  expect(read({ room: 'r', other: 'x' })).toEqual({ ok: true, value: defaults });
  expect(read({ room: 'r', limit: '9' })).toEqual({ ok: true, value: { ...defaults, limit: 9 } });
  const wrong: [Record<string, string>, string][] = [
    [{}, 'room is missing'],
    [{ room: 'r', limit: '10' }, 'limit takes a whole number from 1 to 9'],
    [{ room: 'r', limit: '1e0' }, 'limit takes a whole number from 1 to 9'],
    [{ room: 'r', limit: '' }, 'limit takes a whole number from 1 to 9'],
    [{ room: 'r', order: 'up' }, 'order takes asc or desc'],
    [{ room: 'r', search: 'longer' }, 'search takes a text of up to 5 characters'],
  ];
  for (const [query, problem] of wrong) expect(read(query)).toEqual({ ok: false, wrong: problem });
});

test('what has a name is printed once, and referred to', () => {
  const components = {};
  const printedList = printed(list(about(person, 'Whoever')), components);
  const reference = '#/components/schemas/Person';
  expect(printedList).toEqual({ type: 'array', items: { $ref: reference, description: 'Whoever' } });
  expect(components).toEqual({
    Person: {
      type: 'object',
      required: ['name'],
      additionalProperties: false,
      properties: {
        name: { type: 'string', description: 'How it is called', maxLength: 5 },
        age: { type: 'integer', minimum: 0 },
      },
    },
  });
});
