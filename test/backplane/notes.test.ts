/** What streams tell of themselves, between nodes over a channel that loses what it is told to lose. */
import { decodeNotes, encodeNotes, type Note } from '../../src/backplane/note-message';
import { SharedNotes } from '../../src/backplane/notes';
import type { News } from '../../src/conference/backplane';
import { ManualClock } from '../helpers/manual-clock';

const MOST = Number.MAX_SAFE_INTEGER;
const streamOf = (name: string, note?: string) => ({ name, encoded: JSON.stringify(name), note });

class Bus {
  readonly told: string[] = [];
  readonly listeners = new Set<(text: string) => void>();
  isLosing = false;
  connected = 0;

  newNews(): News {
    let own: ((text: string) => void) | undefined;
    this.connected++;
    return {
      tell: (text) => {
        this.told.push(text);
        if (this.isLosing) return;
        for (const listener of this.listeners) if (listener !== own) listener(text);
      },
      onNews: (listener) => {
        own = listener;
        this.listeners.add(listener);
      },
      stop: () => {},
    };
  }
}

function story() {
  const clock = new ManualClock();
  const bus = new Bus();
  const newNode = () => {
    const notes = new SharedNotes({ news: () => bus.newNews(), clock, interval: 30_000 });
    const noted: string[] = [];
    notes.start((room) => noted.push(room));
    return { notes, noted };
  };
  return { clock, bus, a: newNode(), b: newNode() };
}

describe('notes between nodes', () => {
  test('a node where nobody asks or tells has no connection, no timer and no notes', () => {
    const { clock, bus, a, b } = story();
    a.notes.tell('room', streamOf('anna'));
    expect(bus.connected).toBe(0);
    a.notes.tell('room', streamOf('anna', '{"a":1}'));
    expect(bus.connected).toBe(1);
    b.notes.follow('other', () => []);
    b.notes.unfollow('other');
    a.notes.tell('room', streamOf('anna', '{"a":2}'));
    expect([b.notes.of('room')('anna'), b.noted, clock.waiting]).toEqual([undefined, [], 0]);
  });

  test('a note that overtakes the list is kept until its stream is listed, and no longer than it is', () => {
    const { a, b } = story();
    let listed = [streamOf('ben')];
    b.notes.follow('room', () => listed);
    a.notes.tell('room', streamOf('anna', '{"a":1}'));
    expect(b.noted).toEqual([]);
    listed = [streamOf('ben'), streamOf('anna')];
    expect(b.notes.of('room')('anna')).toBe('{"a":1}');
    listed = [streamOf('ben')];
    expect(b.notes.of('room')('anna')).toBeUndefined();
  });

  test('notes of streams that are never listed are bounded, and forgotten after a while', () => {
    const { clock, bus, b } = story();
    b.notes.follow('room', () => []);
    const strangers = Array.from({ length: 3_000 }, (_, n): [string, Note] => [
      `s${n}`,
      { stamp: 1, text: '{"a":1}' },
    ]);
    const stranger = bus.newNews();
    for (const text of encodeNotes('room', strangers)) stranger.tell(text);
    const kept = () => strangers.filter(([name]) => b.notes.of('room')(name) !== undefined).length;
    expect(kept()).toBe(1_000);
    clock.advance(30_000);
    expect(kept()).toBe(1_000);
    clock.advance(30_000);
    expect(kept()).toBe(0);
  });

  test('what was lost is asked for again, and a room is answered for only so often', () => {
    const { clock, bus, a, b } = story();
    bus.isLosing = true;
    a.notes.tell('room', streamOf('anna', '{"a":1}'));
    b.notes.follow('room', () => [streamOf('anna')]);
    bus.isLosing = false;
    clock.advance(30_000);
    expect([b.notes.of('room')('anna'), b.noted]).toEqual(['{"a":1}', ['room']]);
    const before = bus.told.length;
    const stranger = bus.newNews();
    for (let n = 0; n < 100; n++) stranger.tell('[1,"room"]');
    clock.advance(2_000);
    expect(bus.told.length - before - 100).toBeLessThanOrEqual(2);
    b.notes.unfollow('room');
    expect(clock.waiting).toBe(0);
  });

  test('a stream whose clock is behind has the last word all the same', () => {
    const { bus, a, b } = story();
    for (const { notes } of [a, b]) notes.follow('room', () => [streamOf('anna')]);
    const ahead = Date.now() + 3_600_000;
    bus.newNews().tell(JSON.stringify([1, 'room', [['anna', ahead, '{"a":1}']]]));
    a.notes.tell('room', streamOf('anna', '{"a":2}'));
    expect([a.notes.of('room')('anna'), b.notes.of('room')('anna')]).toEqual(['{"a":2}', '{"a":2}']);
  });

  test('pieces have at most 32 KiB, and tell all', () => {
    const text = JSON.stringify({ a: 'ä'.repeat(500) });
    const notes = Array.from({ length: 200 }, (_, n): [string, Note] => [`ü${n}`, { stamp: n, text }]);
    const pieces = encodeNotes('room', notes);
    for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(32_768);
    const told = pieces.flatMap((piece) => [...(decodeNotes(piece, MOST)?.notes ?? [])]);
    expect(told).toEqual(notes);
  });

  test.each([
    'x',
    '{}',
    '[2,"room"]',
    '[1,""]',
    '[1,"room",{}]',
    '[1,"room",[["anna",-1,null]]]',
    '[1,"room",[["anna",1e300,null]]]',
    '[1,"room",[["anna",1,"no JSON"]]]',
    '[1,"room",[["anna",1,"[]"]]]',
    '[1,"room",[["anna",1,{"a":1}]]]',
    `[1,"room",[["${'n'.repeat(257)}",1,null]]]`,
    `[1,"room",[["anna",1,${JSON.stringify(JSON.stringify({ a: 'x'.repeat(1_024) }))}]]]`,
    `[1,"room"${' '.repeat(32_768)}]`,
  ])('%.60s is no message', (text) => {
    expect(decodeNotes(text, MOST)).toBeUndefined();
  });
});
