import { encodeDelta, encodeMessage } from '../../src/backplane/message';
import { decodeStored, storedLists, storedVersion } from '../../src/backplane/stored-list';

const MOST = 1_000;
const list = (version: number, streams: Record<string, number>) =>
  encodeMessage({ node: 'x', version, streams: new Map(Object.entries(streams)) }, 3);
const delta = (version: number, base: number, changed: Record<string, number>, ...left: string[]) =>
  `\n${encodeDelta({ node: 'x', version, base, changed: new Map(Object.entries(changed)), left })}`;

/** The list of `x` in a room's hash. */
function stored(fields: Record<string, string>) {
  const [found] = storedLists(fields).filter(({ node }) => node === 'x');
  if (found === undefined) throw new Error('there is no list of x');
  return { version: storedVersion(found), list: decodeStored(found, MOST) };
}

test('a list without a journal is as it was told', () => {
  const { version, list: whole } = stored({ x: list(5, { anna: 1 }), y: '[3,"y",1,[]]', 'y+': '?' });
  expect(version).toBe(5);
  expect(whole).toMatchObject({ version: 5, streams: new Map([['anna', 1]]) });
});

test('a list with a journal has come to the version of its last line', () => {
  const journal = delta(6, 5, { 'b\n"en': 2 }) + delta(9, 6, { cleo: 3, anna: 4 }, 'b\n"en');
  const { version, list: whole } = stored({ x: list(5, { anna: 1 }), 'x+': journal });
  expect(version).toBe(9);
  expect(whole).toMatchObject({
    version: 9,
    streams: new Map([
      ['anna', 4],
      ['cleo', 3],
    ]),
  });
});

test('a list that is newer than its journal has its own version: somebody else has put it there', () => {
  const { version, list: whole } = stored({ x: list(99, { ghost: 1 }), 'x+': delta(6, 5, { ben: 2 }) });
  expect(version).toBe(99);
  expect(whole).toMatchObject({ version: 99, streams: new Map([['ghost', 1]]) });
});

test('what does not fit ends it: the version before is true', () => {
  const first = delta(6, 5, { ben: 2 });
  const other = `\n${encodeDelta({ node: 'y', version: 7, base: 6, changed: new Map(), left: ['ben'] })}`;
  for (const second of [delta(8, 7, {}, 'ben'), other, '\n?', delta(2_000, 6, {}, 'ben')]) {
    const { list: whole } = stored({ x: list(5, { anna: 1 }), 'x+': first + second });
    expect(whole).toMatchObject({
      version: 6,
      streams: new Map([
        ['anna', 1],
        ['ben', 2],
      ]),
    });
  }
});

test.each([
  ['a journal alone', { 'x+': delta(6, 5, { ben: 2 }) }],
  ['a delta in the place of a list', { x: delta(6, 5, { ben: 2 }).slice(1) }],
  ['the list of another node', { x: list(5, { anna: 1 }).replace('"x"', '"y"') }],
  ['something else', { x: 'x', 'x+': 'x' }],
])('%s is no list', (_what, fields) => {
  expect(stored(fields).list).toBeUndefined();
});

test('each node has one list in a hash, with its journal', () => {
  const fields = { 'a-node': '1', 'a-node+': '2', 'another+': '3', third: '4' };
  expect(storedLists(fields)).toEqual([
    { node: 'a-node', text: '1', journal: '2' },
    { node: 'another', text: '', journal: '3' },
    { node: 'third', text: '4', journal: '' },
  ]);
});

test('a journal alone is of no version: its node finds that its list is lost', () => {
  expect(stored({ 'x+': delta(6, 5, { ben: 2 }) }).version).toBe(0);
});
