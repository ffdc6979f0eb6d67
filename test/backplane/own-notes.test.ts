/** Notes of a node's own streams: whom they are told, until when, and what counts of two. */
import {
  decodeNotes,
  encodeNotes,
  encodeQuestion,
  isNewer,
  type Note,
} from '../../src/backplane/note-message';
import { SharedNotes } from '../../src/backplane/notes';
import { ManualClock } from '../helpers/manual-clock';

const MOST = Number.MAX_SAFE_INTEGER;
const INTERVAL = 30_000;
const streamOf = (name: string, note?: string) => ({ name, encoded: JSON.stringify(name), note });
const [FIRST, SECOND, THIRD] = ['{"a":1}', '{"a":2}', '{"a":3}'];

/** A node, what it tells, and what makes it hear. */
function story() {
  const clock = new ManualClock();
  const told: string[] = [];
  const noted: string[] = [];
  const node = { hear: (_text: string) => {}, link: () => {}, stopped: 0 };
  const notes = new SharedNotes({
    ...{ clock, interval: INTERVAL },
    news: () => ({
      tell: (text) => told.push(text),
      onNews: (hear, link) => Object.assign(node, { hear, link }),
      stop: () => {
        node.stopped++;
      },
    }),
  });
  notes.start((room) => noted.push(room));
  /** What it has told since the last call: questions, and notes by stream. */
  const said = () =>
    told.splice(0).map((text) => {
      const { room, notes: its } = decodeNotes(text, MOST) ?? { room: '?', notes: undefined };
      return its === undefined
        ? `${room}?`
        : `${room}: ${[...its].map(([name, { text: note }]) => `${name} ${note}`)}`;
    });
  const hear = (room: string, name: string, stamp: number, text: string | undefined) => {
    for (const message of encodeNotes(room, [[name, { stamp, text }]])) node.hear(message);
  };
  return { clock, notes, noted, node, said, hear, ask: () => node.hear(encodeQuestion('room')) };
}

test('a note is told when it is given, and to whoever asks, for as long as its stream is here', () => {
  const { clock, notes, said, ask } = story();
  notes.tell('room', streamOf('anna', FIRST));
  notes.tell('room', streamOf('ben', SECOND));
  expect(said()).toEqual([`room: anna ${FIRST}`, `room: ben ${SECOND}`]);
  ask();
  expect(said()).toEqual([`room: anna ${FIRST},ben ${SECOND}`]);
  clock.advance(500);
  notes.left('room', 'anna');
  notes.left('room', 'nobody');
  notes.left('nowhere', 'nobody');
  ask();
  expect(said()).toEqual([`room: ben ${SECOND}`]);
  clock.advance(500);
  notes.left('room', 'ben');
  ask();
  expect([said(), clock.waiting]).toEqual([[], 0]);
});

test('whoever asks just after an answer is answered after a pause, once', () => {
  const { clock, notes, said, ask } = story();
  notes.tell('room', streamOf('anna', FIRST));
  said();
  for (let count = 0; count < 3; count++) ask();
  expect(said()).toHaveLength(1);
  clock.advance(499);
  expect(said()).toEqual([]);
  clock.advance(1);
  expect(said()).toHaveLength(1);
  clock.advance(500);
  expect([said(), clock.waiting]).toEqual([[], 0]);
});

test('a room that is followed is asked for at once, and again and again', () => {
  const { clock, notes, said } = story();
  notes.follow('room', () => []);
  notes.follow('other', () => []);
  expect(said()).toEqual(['room?', 'other?']);
  clock.advance(INTERVAL);
  expect(said()).toEqual(['room?', 'other?']);
  notes.unfollow('room');
  clock.advance(INTERVAL);
  expect(said()).toEqual(['other?']);
  notes.unfollow('other');
  notes.unfollow('other');
  expect(clock.waiting).toBe(0);
});

test('over a new link all is told and asked for again', () => {
  const { notes, node, said } = story();
  notes.tell('room', streamOf('anna', FIRST));
  notes.follow('other', () => []);
  said();
  node.link();
  expect(said()).toEqual([`room: anna ${FIRST}`, 'other?']);
});

test('a room that is followed late has the notes of the streams here', () => {
  const { notes, said } = story();
  notes.tell('room', streamOf('anna', FIRST));
  let listed = [streamOf('anna')];
  notes.follow('room', () => listed);
  expect(notes.of('room')('anna')).toBe(FIRST);
  notes.tell('room', streamOf('anna', SECOND));
  expect(notes.of('room')('anna')).toBe(SECOND);
  notes.tell('room', streamOf('anna'));
  expect(notes.of('room')('anna')).toBeUndefined();
  expect(said().at(-1)).toBe('room: anna undefined');
  notes.tell('room', streamOf('anna', THIRD));
  listed = [];
  expect(notes.of('room')('anna')).toBeUndefined();
  expect(notes.of('nowhere')('anna')).toBeUndefined();
});

test('the note of a stream that the room does not list is none, also of one that is here', () => {
  const { notes } = story();
  notes.tell('room', streamOf('anna', FIRST));
  notes.follow('room', () => []);
  expect(notes.of('room')('anna')).toBeUndefined();
});

test('what is listed, and what is known already, does not count among what comes early', () => {
  const { notes, node } = story();
  const named = (kind: string, count: number, stamp: number) =>
    Array.from({ length: count }, (_, n): [string, Note] => [`${kind}${n}`, { stamp, text: FIRST }]);
  const hearAll = (...all: [string, Note][]) => {
    for (const text of encodeNotes('room', all)) node.hear(text);
  };
  const listed = named('listed', 1_500, 1);
  notes.follow('room', () => listed.map(([name]) => streamOf(name)));
  hearAll(...listed);
  hearAll(...named('early', 1_000, 1));
  hearAll(
    ...named('early', 1_001, 2).map(([name, note]): [string, Note] => [name, { ...note, text: SECOND }]),
  );
  hearAll(['listed7', { stamp: 3, text: THIRD }]);
  const of = notes.of('room');
  expect(listed.filter(([name]) => of(name) === undefined)).toEqual([]);
  expect(['early0', 'early999', 'early1000', 'listed7'].map(of)).toEqual([SECOND, SECOND, undefined, THIRD]);
});

test('the note of a stream that is elsewhere too is the newest, and the next one is newer', () => {
  const { clock, notes, said, hear, ask } = story();
  const ahead = Date.now() + 3_600_000;
  notes.tell('room', streamOf('anna', FIRST));
  hear('room', 'anna', 5, SECOND);
  said();
  ask();
  expect(said()).toEqual([`room: anna ${FIRST}`]);
  clock.advance(500);
  hear('room', 'anna', ahead, SECOND);
  hear('room', 'ben', ahead, SECOND);
  ask();
  expect(said()).toEqual([`room: anna ${SECOND}`]);
  notes.follow('room', () => [streamOf('anna')]);
  notes.tell('room', streamOf('anna', THIRD));
  hear('room', 'anna', ahead, SECOND);
  expect(notes.of('room')('anna')).toBe(THIRD);
});

test('a room is noted where a note is another one; looking at it makes no note older', () => {
  const { notes, noted, hear, node } = story();
  notes.follow('room', () => [streamOf('anna')]);
  hear('room', 'anna', 5, FIRST);
  hear('room', 'anna', 6, FIRST);
  hear('room', 'anna', 4, SECOND);
  hear('elsewhere', 'anna', 9, SECOND);
  node.hear('nonsense');
  expect(noted).toEqual(['room']);
  hear('room', 'early', 1, FIRST);
  for (let count = 0; count < 5; count++) notes.of('room');
  hear('room', 'anna', 7, undefined);
  expect([noted, notes.of('room')('anna')]).toEqual([['room', 'room'], undefined]);
});

test('a node that stops says and hears nothing more, and has no timers', () => {
  const { clock, notes, noted, node, said, hear, ask } = story();
  notes.follow('room', () => [streamOf('anna')]);
  notes.tell('room', streamOf('anna', FIRST));
  ask();
  said();
  expect(clock.waiting).toBe(2);
  notes.stop();
  notes.tell('room', streamOf('anna', SECOND));
  notes.follow('other', () => []);
  hear('room', 'anna', MOST, SECOND);
  ask();
  node.link();
  expect([said(), noted, clock.waiting, node.stopped]).toEqual([[], [], 0, 1]);
  const other = story();
  other.notes.stop();
  expect(other.node.stopped).toBe(0);
});

describe('of two notes', () => {
  test.each([
    [2, 'a', 1, 'b', true],
    [1, 'b', 2, 'a', false],
    [1, 'b', 1, 'a', true],
    [1, 'a', 1, 'b', false],
    [1, 'a', 1, 'a', false],
    [1, 'a', 1, undefined, true],
    [1, undefined, 1, 'a', false],
    [1, undefined, 1, undefined, false],
  ])('that of %d, %j, is newer than that of %d, %j: %j', (stamp, text, than, other, isIt) => {
    expect(isNewer({ stamp, text }, { stamp: than, text: other })).toBe(isIt);
  });

  test('the first is newer than none', () => {
    expect(isNewer({ stamp: 0, text: undefined }, undefined)).toBe(true);
  });
});

describe('a message', () => {
  test('may have the largest stamp and the longest name, and a stream that has no note', () => {
    const name = 'n'.repeat(256);
    const notes = new Map([[name, { stamp: 9, text: undefined }]]);
    expect(decodeNotes(`[1,"room",[["${name}",9,null]]]`, 9)).toEqual({ room: 'room', notes });
    expect(decodeNotes('[1,"room",[["anna",10,null]]]', 9)).toBeUndefined();
    expect(decodeNotes('[1,"room",[{}]]', 9)).toBeUndefined();
    expect(decodeNotes(`[1,"room"]${' '.repeat(32_758)}`, 9)).toEqual({ room: 'room', notes: undefined });
  });

  test('has as many notes as there is room for, and never more', () => {
    for (let length = 32_700; length < 32_800; length++) {
      const text = 'x'.repeat(length / 2 - 13);
      const items = ['a', 'b'].map((name): [string, { stamp: number; text: string }] => [
        name,
        { stamp: 1, text },
      ]);
      const pieces = encodeNotes('room', items);
      const whole = JSON.stringify([1, 'room', items.map(([name, note]) => [name, note.stamp, note.text])]);
      expect(pieces).toHaveLength(whole.length < 32_768 ? 1 : 2);
      if (pieces.length === 1) expect(pieces).toEqual([whole]);
    }
    expect(encodeNotes('room', [])).toEqual([]);
  });
});
