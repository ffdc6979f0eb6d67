/** What members that speak `conference.2` are told, without a socket. */
import * as fc from 'fast-check';
import { RoomChanges } from '../../src/conference/changes';
import { encodeName } from '../../src/conference/protocol';
import { applyFrame, type Frame } from '../helpers/asking-client';

/** A room whose list a test sets; frames are counted as they are made. */
function story(...streams: string[]) {
  let list = streams;
  let encoded = 0;
  const changes = new RoomChanges({
    room: encodeName('room'),
    streams: () => list.map((name) => ({ name, encoded: encodeName(name) })),
    encode: (json) => {
      encoded++;
      return Buffer.from(json);
    },
  });
  const set = (...next: string[]) => {
    list = next;
    changes.changed();
    return changes.seq;
  };
  const since = (seq: number | undefined): Frame =>
    JSON.parse(Buffer.from(changes.news(seq, false) ?? []).toString());
  return { changes, set, since, seq: changes.seq, encoded: () => encoded };
}

describe('the changes of a room', () => {
  test('say who has left and who has joined, in order', () => {
    const { set, since, seq } = story('a', 'b', 'c');
    set('a', 'c', 'e', 'd');
    expect(since(seq)).toEqual({ type: 'changes', seq: seq + 1, left: ['b'], joined: ['e', 'd'] });
  });

  test('have no number of their own where the list is the same', () => {
    const { set, seq } = story('a');
    expect(set('a')).toBe(seq);
  });

  test('are made once for all who were told the same before', () => {
    const { changes, set, seq, encoded } = story('a');
    set('a', 'b');
    expect(changes.news(seq, false)).toBe(changes.news(seq, false));
    expect(encoded()).toBe(1);
  });

  test('are merged for somebody who was not told the last ones', () => {
    const { set, since, seq } = story('a', 'b');
    set('a', 'b', 'c');
    set('a', 'c');
    set('a', 'c', 'd');
    set('a', 'd');
    expect(since(seq)).toEqual({ type: 'changes', seq: seq + 4, since: seq, left: ['b'], joined: ['d'] });
  });

  test('are the whole list where a name has changed its place', () => {
    const { set, since, seq } = story('a', 'b', 'c');
    set('b', 'a', 'c');
    expect(since(seq)).toEqual({ type: 'roster', room: 'room', seq: seq + 1, streams: ['b', 'a', 'c'] });
  });

  test('are the whole list for somebody who left and came back behind the others meanwhile', () => {
    const { set, since, seq } = story('a', 'b');
    set('b');
    const second = set('b', 'a');
    expect(since(seq).type).toBe('roster');
    expect(since(second - 1)).toMatchObject({ type: 'changes', joined: ['a'] });
  });

  test('are the whole list for somebody whose own is too long ago', () => {
    const { set, since, seq } = story('a');
    for (let n = 0; n < 64; n++) set('a', `b ${n}`);
    expect(since(seq).type).toBe('roster');
    expect(since(seq + 60).type).toBe('changes');
  });

  test('take less than 100 bytes of a usual name', () => {
    const { changes, set } = story();
    for (let n = 0; n < 20_000; n++) set(`participant-${n}`);
    const seq = set();
    set('participant-20001');
    expect(changes.news(seq, false)?.length).toBeLessThan(90);
  });
});

test('whoever hears some of the changes has the list, whatever was and was not heard', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const step = fc.record({ list: fc.shuffledSubarray(names), hears: fc.subarray([0, 1, 2]) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { changes, set, since } = story();
      const members = [0, 1, 2].map(() => ({
        streams: [] as readonly string[],
        seq: undefined as number | undefined,
      }));
      const hear = (index: number) => {
        const member = members[index];
        if (member === undefined || member.seq === changes.seq) return;
        Object.assign(member, applyFrame(member, since(member.seq)));
      };
      let last: string[] = [];
      for (const { list, hears } of steps) {
        last = list;
        set(...list);
        hears.forEach(hear);
      }
      [0, 1, 2].forEach(hear);
      for (const { streams } of members) expect(streams).toEqual(last);
    }),
  );
});
