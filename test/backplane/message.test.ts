import fc from 'fast-check';
import { mostThatCanBe } from '../../src/backplane/bounds';
import { agreeOn } from '../../src/backplane/formats';
import { decodeMessage, encodeDelta, encodeMessage, holdsOn, peekHead } from '../../src/backplane/message';
import { decodeFacts, encodeFacts, newNodeId } from '../../src/backplane/node-facts';
import { LONGEST_GRACE } from '../../src/backplane/timing';

const MOST = Number.MAX_SAFE_INTEGER;
const NAME = fc.string({ unit: 'grapheme', minLength: 1 });
const LONG = 'x'.repeat(1_025);

describe('messages', () => {
  test('come back as they were, and their head can be read alone', () => {
    const node = fc.stringMatching(/^[\w-]{1,64}$/);
    const streams = fc.array(fc.tuple(NAME, fc.maxSafeNat()));
    fc.assert(
      fc.property(node, fc.maxSafeNat(), streams, (node, version, list) => {
        const message = { node, version, streams: new Map(list) };
        for (const format of [1, 2, 3]) {
          const text = encodeMessage(message, format);
          expect(decodeMessage(text, MOST)).toEqual(message);
          expect(peekHead(text)).toEqual({ node, version });
        }
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '[1,"a",'],
    ['no list', '{"node":"a"}'],
    ['a later format', '[4,"a",1,[]]'],
    ['an earlier format', '[0,"a",1,[]]'],
    ['a format that is no number', '["2","a",1,[]]'],
    ['a delta with a stamp that is none', '[3,"a",2,1,[["anna",-1]],[]]'],
    ['a delta about a version that is none', '[3,"a",2,-1,[],[]]'],
    ['no node', '[1,null,1,[]]'],
    ['no version', '[1,"a","1",[]]'],
    ['a version that has lost its precision', '[1,"a",9007199254740993,[]]'],
    ['no streams', '[1,"a",1]'],
    ['a stream without a stamp', '[1,"a",1,[["anna"]]]'],
    ['a stamp that is none', '[1,"a",1,[["anna",-1]]]'],
    ['a stream name that is none', '[1,"a",1,[[7,1]]]'],
    ['a stream without a name', '[1,"a",1,[["",1]]]'],
    ['a stream name that is longer than any', `[1,"a",1,[["${LONG}",1]]]`],
    ['a delta in which such a one has left', `[3,"a",2,1,[],["${LONG}"]]`],
    ['a delta of a format without them', '[2,"a",2,1,[],[]]'],
    ['a delta about no version', '[3,"a",2,"1",[],[]]'],
    ['a delta about a version that is not older', '[3,"a",2,2,[],[]]'],
    ['a delta without a list', '[3,"a",2,1]'],
    ['a delta that does not say who has left', '[3,"a",2,1,[["anna",1]]]'],
    ['a delta in which something else has left', '[3,"a",2,1,[],[7]]'],
  ])('%s is no message', (_what, text) => {
    expect(decodeMessage(text, MOST)).toBeUndefined();
  });

  test('a delta comes back as it was, and its head can be read alone', () => {
    const names = fc.array(NAME);
    const changed = fc.array(fc.tuple(NAME, fc.maxSafeNat()));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1 }), changed, names, (base, more, list, left) => {
        const delta = { node: 'a', version: base + more, base, changed: new Map(list), left };
        const text = encodeDelta(delta);
        expect(decodeMessage(text, MOST)).toEqual(delta);
        expect(peekHead(text)).toEqual({ node: 'a', version: base + more });
        expect(text).not.toContain('\n');
      }),
    );
  });

  test('a node that stops says for how long it is waited for, where all understand that', () => {
    const message = { node: 'a', version: 1, streams: new Map([['anna', 1]]), grace: 5_000 };
    expect(decodeMessage(encodeMessage(message, 2), MOST)).toEqual(message);
    expect(encodeMessage(message, 1)).toBe('[1,"a",1,[["anna",1]]]');
  });

  test('the longest name is one', () => {
    expect(decodeMessage(`[1,"a",1,[["${LONG.slice(1)}",1]]]`, MOST)).toBeDefined();
  });

  test('nobody is waited for longer than the settings allow', () => {
    expect(decodeMessage('[2,"a",1,[["anna",1]],60001]', MOST)).toMatchObject({ grace: 60_000 });
  });

  test('a node whose clock has not been set yet believes what the others have counted', () => {
    expect(mostThatCanBe(0)).toBe(mostThatCanBe(Date.UTC(2026, 0)));
    expect(mostThatCanBe(0)).toBeGreaterThan(1e12);
    expect(mostThatCanBe(Date.UTC(2027, 0))).toBeGreaterThan(mostThatCanBe(Date.UTC(2026, 6)));
    expect(mostThatCanBe(Date.UTC(2100, 0))).toBeLessThan(MOST);
  });

  test('an empty list is understood by nodes of every format: nobody says it again', () => {
    const nothing = { node: 'a', version: 7, streams: new Map() };
    for (const format of [1, 2, 3]) expect(encodeMessage(nothing, format)).toBe('[1,"a",7,[]]');
  });

  test('what is beyond all that can have happened is no message', () => {
    expect(decodeMessage('[2,"a",10,[["anna",10]]]', 10)?.version).toBe(10);
    expect(decodeMessage('[2,"a",11,[["anna",1]]]', 10)).toBeUndefined();
    expect(decodeMessage('[2,"a",1,[["anna",11]]]', 10)).toBeUndefined();
  });

  test('what is added to the format later does no harm', () => {
    expect(decodeMessage('[1,"a",1,[["anna",1]],5000]', MOST)).not.toHaveProperty('grace');
    expect(decodeMessage('[1,"a",1,[["anna",1,"more"]],"more"]', MOST)?.node).toBe('a');
  });
});

describe('what a node says of itself', () => {
  test('comes back as it was', () => {
    const facts = {
      startedAt: 5,
      machine: 'é"',
      rooms: 2,
      streams: 9,
      version: '1.2.3',
      formats: { oldest: 1, newest: 2 },
      synced: false,
      addresses: '3:list',
    };
    expect(decodeFacts(encodeFacts(facts))).toEqual(facts);
    for (const addresses of ['', '3:list']) {
      const stopping = { ...facts, addresses, grace: 5_000 };
      expect(decodeFacts(encodeFacts(stopping))).toEqual(stopping);
      expect(decodeFacts(encodeFacts({ ...stopping, grace: 1e9 }))?.grace).toBe(LONGEST_GRACE);
    }
  });

  test('by a node of the first version is understood: it speaks the first format, and has all in Redis', () => {
    expect(decodeFacts('[1,5,"m",2,9]')).toEqual({
      startedAt: 5,
      machine: 'm',
      rooms: 2,
      streams: 9,
      version: '',
      formats: { oldest: 1, newest: 1 },
      synced: true,
      addresses: '',
    });
  });

  test.each(['-1', '0.5', '1e999', '"5"', 'null'])('a grace of %s is none', (grace) => {
    const facts = decodeFacts(`[1,5,"m",1,1,"1",1,3,true,"",${grace}]`);
    expect(facts?.machine).toBe('m');
    expect(facts).not.toHaveProperty('grace');
  });

  test.each([
    ...['', 'null', '[2,5,"m",1,1]', '[1,"5","m",1,1]', '[1,5,null,1,1]'],
    ...['[1,5,"m",1,1,"1",1,2.5]', '[1,5,"m",1,1,"1",1,1e999]', '[1,5,"m",1,1,"1",-1,2]'],
  ])('%j is ignored', (text) => {
    expect(decodeFacts(text)).toBeUndefined();
  });
});

test('a node goes on holding what its lists and deltas say, and not what it says goodbye to', () => {
  const head = { node: 'a', version: 2 };
  const streams = new Map([['anna', 1]]);
  expect(holdsOn({ ...head, streams })).toBe(true);
  expect(holdsOn({ ...head, base: 1, changed: new Map(), left: ['anna'] })).toBe(true);
  expect(holdsOn({ ...head, streams, grace: 5 })).toBe(false);
  expect(holdsOn({ ...head, streams: new Map() })).toBe(false);
});

test('a node has a name of its own with each start, that messages can have', () => {
  const names = [newNodeId(), newNodeId()];
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(peekHead(`[3,"${name}",1,[]]`)?.node).toBe(name);
});

describe('nodes write', () => {
  const own = { oldest: 2, newest: 4 };
  const node = (oldest: number, newest: number, version = '1.2.3') => ({
    id: `${oldest}-${newest}`,
    facts: {
      ...{ startedAt: 5, machine: 'm', rooms: 0, streams: 0, version, synced: true, addresses: '' },
      formats: { oldest, newest },
    },
  });

  test.each([
    [[], 4],
    [[node(1, 3), node(2, 5)], 3],
    [[node(2, 5), node(4, 9)], 4],
    [[node(1, 2)], 2],
    [[{ id: 'x', facts: undefined }, node(3, 3)], 3],
  ])('for %j format %d', (others, format) => {
    expect(agreeOn(own, others)).toEqual({ format, problem: undefined });
  });

  test.each([
    [node(5, 9), 'version 1.2.3'],
    [node(1, 1, ''), 'version unknown'],
  ])('what they can, where one does not understand it: %j', (stranger, version) => {
    expect(agreeOn(own, [stranger, node(1, 3)])).toEqual({
      format: 3,
      problem: {
        why: `node ${stranger.id} on m (${version}) speaks another format: neither sees the streams of the other`,
        remedy: 'run the same version on all nodes',
      },
    });
  });
});
