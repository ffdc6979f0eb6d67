import fc from 'fast-check';
import { decodeMessage, encodeMessage, peekHead } from '../../src/backplane/message';
import { decodeFacts, encodeFacts } from '../../src/backplane/node-facts';

describe('messages', () => {
  test('come back as they were, and their head can be read alone', () => {
    const node = fc.stringMatching(/^[\w-]{1,64}$/);
    const streams = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.maxSafeNat()));
    fc.assert(
      fc.property(node, fc.maxSafeNat(), streams, (node, version, list) => {
        const message = { node, version, streams: new Map(list) };
        const text = encodeMessage(message);
        expect(decodeMessage(text)).toEqual(message);
        expect(peekHead(text)).toEqual({ node, version });
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '[1,"a",'],
    ['no list', '{"node":"a"}'],
    ['a later format', '[2,"a",1,[]]'],
    ['no node', '[1,null,1,[]]'],
    ['no version', '[1,"a","1",[]]'],
    ['a version that has lost its precision', '[1,"a",9007199254740993,[]]'],
    ['no streams', '[1,"a",1]'],
    ['a stream without a stamp', '[1,"a",1,[["anna"]]]'],
    ['a stamp that is none', '[1,"a",1,[["anna",-1]]]'],
    ['a stream name that is none', '[1,"a",1,[[7,1]]]'],
  ])('%s is no message', (_what, text) => {
    expect(decodeMessage(text)).toBeUndefined();
  });

  test('what is added to the format later does no harm', () => {
    expect(decodeMessage('[1,"a",1,[["anna",1,"more"]],"more"]')?.node).toBe('a');
  });
});

describe('what a node says of itself', () => {
  test('comes back as it was', () => {
    const facts = { startedAt: 5, machine: 'é"', rooms: 2, streams: 9 };
    expect(decodeFacts(encodeFacts(facts))).toEqual(facts);
  });

  test.each(['', 'null', '[2,5,"m",1,1]', '[1,"5","m",1,1]', '[1,5,null,1,1]'])('%j is ignored', (text) => {
    expect(decodeFacts(text)).toBeUndefined();
  });
});
