/** What members that speak `conference.2` are told, without a socket. */
import * as fc from 'fast-check';
import { RoomChanges } from '../../src/conference/changes';
import { encodeName } from '../../src/conference/protocol';
import type { RosterStream } from '../../src/conference/rooms';
import { applyFrame, type Frame } from '../helpers/asking-client';

/** A room whose list and metadata a test sets; frames are counted as they are made, and lists as they are read. */
function story(...streams: string[]) {
  let list = streams;
  let notes: Readonly<Record<string, string>> = {};
  let encoded = 0;
  let read = 0;
  const changes = new RoomChanges({
    room: encodeName('room'),
    streams: () => {
      read++;
      return list.map((name) => ({ name, encoded: encodeName(name), note: notes[name] }));
    },
    encode: (json) => {
      encoded++;
      return Buffer.from(json);
    },
  });
  const set = (...next: string[]) => {
    list = next;
    changes.changed();
  };
  const note = (next: Readonly<Record<string, string>>) => {
    notes = next;
    changes.changed();
  };
  /** Somebody has been told each of these lists. */
  const tell = (...lists: string[][]) => {
    for (const next of lists) {
      set(...next);
      expect(changes.seq).toBeGreaterThan(0);
    }
  };
  const since = (seq: number | undefined, tells = false): Frame =>
    JSON.parse(Buffer.from(changes.news(seq, tells) ?? []).toString());
  return { changes, set, note, tell, since, seq: changes.seq, encoded: () => encoded, read: () => read };
}

describe('the changes of a room', () => {
  test('say who has left and who has joined, in order', () => {
    const { set, since, seq } = story('a', 'b', 'c');
    set('a', 'c', 'e', 'd');
    expect(since(seq)).toEqual({ type: 'changes', seq: seq + 1, left: ['b'], joined: ['e', 'd'] });
  });

  test('have no number of their own where the list is the same', () => {
    const { changes, set, seq } = story('a');
    set('a');
    expect(changes.seq).toBe(seq);
  });

  test('are made once for all who were told the same before', () => {
    const { changes, set, seq, encoded } = story('a');
    set('a', 'b');
    expect(changes.news(seq, false)).toBe(changes.news(seq, false));
    expect(encoded()).toBe(1);
  });

  test('are looked for once, however many ask, until the room changes again', () => {
    const { changes, set, seq, read } = story('a');
    set('a', 'b');
    const before = read();
    for (let n = 0; n < 10; n++) changes.news(seq, false);
    expect(read()).toBe(before + 1);
  });

  test('begin with a list that has what a newcomer is told besides', () => {
    const { changes } = story('a');
    const first = JSON.parse(Buffer.from(changes.first('"beat":15000', false)).toString());
    expect(first).toEqual({ type: 'roster', room: 'room', seq: 1, streams: ['a'], beat: 15_000 });
    expect(story().seq).toBe(0);
  });

  test('of metadata alone are none to those who do not ask for it', () => {
    const { changes, note, since, seq } = story('a');
    changes.followNotes();
    note({ a: '1' });
    expect(changes.news(seq, false)).toBeUndefined();
    expect(since(seq, true)).toEqual({ type: 'changes', seq: seq + 1, metadata: { a: 1 } });
  });

  test('are none where neither list nor metadata has changed, and have no metadata that is not new', () => {
    const { changes, note, set, since, seq } = story('a', 'b', 'c');
    changes.followNotes();
    expect(changes.seq).toBe(seq);
    note({ a: '1' });
    const first = changes.seq;
    note({ a: '1' });
    expect(changes.seq).toBe(first);
    note({ a: '1', b: '2', c: '3' });
    expect(since(first, true)).toEqual({ type: 'changes', seq: first + 1, metadata: { b: 2, c: 3 } });
    const second = changes.seq;
    set('a', 'b', 'c', 'd');
    expect(since(second, true)).toEqual({ type: 'changes', seq: second + 1, joined: ['d'] });
  });

  test('of somebody who has left have no metadata', () => {
    const { changes, note, set, since } = story('a', 'b');
    changes.followNotes();
    note({ a: '1', b: '2' });
    const { seq } = changes;
    note({ b: '2' });
    set('b');
    expect(since(seq, true)).toEqual({ type: 'changes', seq: seq + 1, left: ['a'] });
  });

  test('tell of metadata that is there no more, though somebody else began to ask for it meanwhile', () => {
    const { changes, note, since } = story('a');
    changes.followNotes();
    note({ a: '1' });
    const { seq } = changes;
    note({});
    changes.followNotes();
    expect(since(seq, true)).toEqual({ type: 'changes', seq: seq + 1, metadata: { a: null } });
    note({});
    expect(changes.seq).toBe(seq + 1);
  });

  test('are the newest list for somebody who asks for the whole one, though an older one was made before', () => {
    const { changes, since, set } = story('a');
    expect(since(undefined).streams).toEqual(['a']);
    set('a', 'b');
    expect(since(undefined).streams).toEqual(['a', 'b']);
    expect(changes.news(changes.seq, false)).toBeUndefined();
  });

  test('are merged for somebody who was not told the last ones', () => {
    const { tell, since, seq } = story('a', 'b');
    tell(['a', 'b', 'c'], ['a', 'c'], ['a', 'c', 'd'], ['a', 'd']);
    expect(since(seq)).toEqual({ type: 'changes', seq: seq + 4, since: seq, left: ['b'], joined: ['d'] });
  });

  test('are the whole list where a name has changed its place', () => {
    const { set, since, seq } = story('a', 'b', 'c');
    set('b', 'a', 'c');
    expect(since(seq)).toEqual({ type: 'roster', room: 'room', seq: seq + 1, streams: ['b', 'a', 'c'] });
  });

  test('are the whole list for somebody who left and came back behind the others meanwhile', () => {
    const { changes, tell, since, seq } = story('a', 'b');
    tell(['b']);
    const second = changes.seq;
    tell(['b', 'a']);
    expect(since(seq).type).toBe('roster');
    expect(since(second)).toMatchObject({ type: 'changes', joined: ['a'] });
  });

  test('are the whole list for somebody whose own is too long ago', () => {
    const { tell, since, seq } = story('a');
    for (let n = 0; n < 64; n++) tell(['a', `b ${n}`]);
    expect(since(seq).type).toBe('roster');
    expect(since(seq + 60).type).toBe('changes');
  });

  test('are kept while they have no more names than the list, or 64', () => {
    const names = Array.from({ length: 63 }, (_, n) => `${n}`);
    const { changes, tell, since, seq } = story();
    tell(names, names.slice(1));
    expect([seq, since(0).type]).toEqual([0, 'changes']);
    tell(names.slice(2));
    expect([since(0).type, since(1).type]).toEqual(['roster', 'changes']);
    tell(names.slice(3));
    const whole = changes.news(undefined, false);
    expect(changes.news(0, false)).toBe(whole);
  });

  test('take less than 100 bytes of a usual name', () => {
    const { changes, set, tell } = story();
    for (let n = 0; n < 20_000; n++) tell([`participant-${n}`]);
    tell([]);
    const { seq } = changes;
    set('participant-20001');
    expect(changes.news(seq, false)?.length).toBeLessThan(90);
  });
});

interface Hearer {
  readonly tells: boolean;
  streams: readonly string[];
  seq: number | undefined;
  notes: Record<string, unknown>;
}

/** As a client does that is told metadata. */
function hear(hearer: Hearer, frame: Frame): void {
  if (!hearer.tells) expect(frame).not.toHaveProperty('metadata');
  if (frame.type === 'roster') hearer.notes = {};
  Object.assign(hearer, applyFrame(hearer, frame));
  for (const name of frame.left ?? []) delete hearer.notes[name];
  for (const [name, note] of Object.entries(frame.metadata ?? {})) {
    if (note === null) delete hearer.notes[name];
    else hearer.notes[name] = note;
  }
}

test('whoever hears some of the changes has the list and what it was told of, whatever was not heard', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const step = fc.record({
    list: fc.option(fc.shuffledSubarray(names)),
    notes: fc.dictionary(fc.constantFrom(...names), fc.option(fc.constantFrom(1, 2)), { maxKeys: 3 }),
    hears: fc.subarray([0, 1, 2, 3]),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let streams: RosterStream[] = [];
      const encode = (json: string) => Buffer.from(json);
      const changes = new RoomChanges({ room: encodeName('room'), streams: () => streams, encode });
      changes.followNotes();
      const hearers = [0, 1, 2, 3].map(
        (index): Hearer => ({ tells: index % 2 === 0, streams: [], seq: undefined, notes: {} }),
      );
      const catchUp = (hearer: Hearer) => {
        const news = changes.news(hearer.seq, hearer.tells);
        if (news !== undefined) hear(hearer, JSON.parse(news.toString()));
      };
      for (const { list, notes, hears } of steps) {
        const before = new Map(streams.map((stream) => [stream.name, stream.note]));
        streams = (list ?? [...before.keys()]).map((name) => {
          const said = notes[name] === null ? undefined : notes[name]?.toString();
          return { name, encoded: encodeName(name), note: name in notes ? said : before.get(name) };
        });
        changes.changed();
        for (const index of hears) catchUp(hearers[index] as Hearer);
      }
      hearers.forEach(catchUp);
      const notes = Object.fromEntries(
        streams.flatMap(({ name, note }) => (note === undefined ? [] : [[name, Number(note)]])),
      );
      for (const hearer of hearers) {
        expect(hearer.streams).toEqual(streams.map(({ name }) => name));
        expect(hearer.notes).toEqual(hearer.tells ? notes : {});
      }
    }),
    { numRuns: 200 },
  );
});
