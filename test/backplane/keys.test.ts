import fc from 'fast-check';
import { Keys } from '../../src/backplane/keys';

/** What Redis hashes of a key: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags */
const hashTag = (key: string) => /\{([^}]+)\}/.exec(key)?.[1];

describe('keys and channels', () => {
  const room = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[{}rh.x]{0,6}$/));

  test('two rooms never share a name', () => {
    fc.assert(
      fc.property(room, room, (a, b) => {
        fc.pre(a !== b);
        const keys = new Keys('p');
        expect(keys.room(a).hash).not.toBe(keys.room(b).hash);
        expect(keys.room(a).channel).not.toBe(keys.room(b).channel);
      }),
    );
  });

  test("a room's key and channel have one hash tag, so that they live on one shard", () => {
    fc.assert(
      fc.property(room, (name) => {
        const { hash, channel } = new Keys('p').room(name);
        expect(hashTag(hash)).toBe(hashTag(channel));
        expect(hash).toMatch(/^p:\{[rh]\.[\w.-]{1,64}\}:h$/);
      }),
    );
  });

  test('a plain room can be found by its name', () => {
    expect(new Keys('conference').room('room-1').hash).toBe('conference:{r.room-1}:h');
  });

  test('are these, on all nodes of every version', () => {
    const keys = new Keys('p');
    expect(keys.room('a').channel).toBe('p:{r.a}:c');
    expect(keys.room('a b').hash).toBe('p:{h.yGh6CKpdbtIEQyj6aml6uOltw0KR6MIDSujDjm_MbWU}:h');
    expect(keys.nodes()).toEqual({
      living: 'p:{nodes}:z',
      facts: 'p:{nodes}:i',
      digests: 'p:{nodes}:d',
      channel: 'p:{nodes}:c',
    });
    expect(keys.nodes('nodes.7').living).toBe('p:{nodes.7}:z');
    expect(keys.register('policies')).toEqual({ hash: 'p:{policies}:h', channel: 'p:{policies}:c' });
    expect(new Keys('p', 3).topic('news')).toBe('p:{news}:c3');
  });

  test('databases share no channel, though channels know no database', () => {
    expect(new Keys('p', 1).room('a').channel).not.toBe(new Keys('p', 0).room('a').channel);
    expect(new Keys('p', 1).nodes().channel).not.toBe(new Keys('p', 0).nodes().channel);
  });
});
