/** What is known of one room, told as stories: time is an argument. */
import { encodeName } from '../../src/conference/protocol';
import { GRACE } from '../../src/red5/known-stream';
import { MOST_STREAMS, RoomMedia, type RosterKind, TIME_TO_PUBLISH } from '../../src/red5/room-media';

class Story {
  readonly media: RoomMedia;
  now = 0;
  #sockets: string[] = [];

  constructor(kind: RosterKind) {
    this.media = new RoomMedia(kind);
  }

  sockets(...names: string[]): this {
    this.#sockets = names;
    this.roster();
    return this;
  }

  answer(...names: string[]): this {
    this.media.answered(new Set(names), this.now, this.now);
    return this;
  }

  published(name: string): this {
    this.media.published(name, this.now);
    return this;
  }

  unpublished(name: string): this {
    this.media.unpublished(name, this.now);
    return this;
  }

  after(milliseconds: number): this {
    this.now += milliseconds;
    this.media.graceIsOver(this.now);
    return this;
  }

  roster(): string[] {
    const held = this.#sockets.map((name) => ({ name, encoded: encodeName(name) }));
    return Array.from(this.media.streams(held, this.now), ({ name }) => name);
  }
}

const both = () => new Story('both');
const live = () => new Story('live');

test.each<[string, Story, string[]]>([
  ['a socket is listed while nothing is known', live().sockets('anna'), ['anna']],
  [
    'and for 15 s',
    live()
      .sockets('anna')
      .after(TIME_TO_PUBLISH - 1)
      .answer(),
    ['anna'],
  ],
  ['but not longer', live().sockets('anna').after(TIME_TO_PUBLISH).answer(), []],
  [
    'while nobody answers it is',
    live()
      .sockets('anna')
      .after(10 * TIME_TO_PUBLISH),
    ['anna'],
  ],
  [
    'one that comes back has 15 s again',
    live().sockets('anna').after(TIME_TO_PUBLISH).answer().sockets().sockets('anna').answer(),
    ['anna'],
  ],
  [
    'a publisher without a socket is listed with both',
    both().sockets('anna').answer('anna', 'obs'),
    ['anna', 'obs'],
  ],
  ['and not with live', live().sockets('anna').answer('anna', 'obs'), ['anna']],
  ['nobody goes by a single answer', both().answer('obs').after(5_000).answer(), ['obs']],
  ['somebody goes by two', both().answer('obs').after(5_000).answer().after(750).answer(), []],
  [
    'one that is back in the second stays',
    both().answer('obs').after(5_000).answer().after(750).answer('obs').after(5_000).answer(),
    ['obs'],
  ],
  [
    'a hint of an end waits 3 s',
    both()
      .answer('obs')
      .unpublished('obs')
      .answer()
      .after(GRACE - 1),
    ['obs'],
  ],
  ['and no longer', both().answer('obs').unpublished('obs').answer().after(GRACE), []],
  [
    'and needs an answer',
    both()
      .answer('obs')
      .unpublished('obs')
      .after(10 * GRACE),
    ['obs'],
  ],
  [
    'and is nothing where the stream is there after 3 s',
    both()
      .answer('obs')
      .unpublished('obs')
      .answer()
      .after(GRACE - 1)
      .answer('obs')
      .after(GRACE),
    ['obs'],
  ],
  [
    'a server that lists a stream a moment after its end',
    both().answer('obs').unpublished('obs').answer('obs').after(GRACE).answer(),
    [],
  ],
  [
    'a publisher that reconnects stays',
    both().answer('obs').unpublished('obs').answer().after(1_000).published('obs').after(GRACE),
    ['obs'],
  ],
  [
    'a repeated hint of an end does not put it off',
    both().answer('obs').unpublished('obs').after(2_000).unpublished('obs').answer().after(1_000),
    [],
  ],
  [
    'a hint of an end of somebody unknown is nothing',
    both().sockets('anna').unpublished('obs').answer('anna').after(GRACE),
    ['anna'],
  ],
  [
    'a hint of an end under a socket that never was live',
    live().sockets('anna').unpublished('anna').answer().after(GRACE),
    [],
  ],
  [
    'whose socket stays keeps its place',
    both().sockets('anna', 'ben').answer('anna', 'ben').after(1).sockets('ben'),
    ['anna', 'ben'],
  ],
  [
    'also when the socket is back',
    both().sockets('anna', 'ben').answer('anna', 'ben').sockets('ben').sockets('ben', 'anna'),
    ['anna', 'ben'],
  ],
  [
    'who was gone comes last',
    live()
      .sockets('anna', 'ben')
      .answer('anna', 'ben')
      .after(5_000)
      .answer('ben')
      .after(750)
      .answer('ben')
      .sockets('anna', 'ben')
      .answer('anna', 'ben'),
    ['ben', 'anna'],
  ],
  [
    'the order of sockets is that of ROSTER=sockets',
    new Story('sockets').sockets('anna', 'ben').answer('obs').sockets('ben', 'anna'),
    ['ben', 'anna'],
  ],
])('%s', (_what, story, expected) => {
  expect(story.roster()).toEqual(expected);
});

test('an answer says nothing of a stream about which a hint came after the question', () => {
  const media = new RoomMedia('both');
  media.published('obs', 100);
  expect(media.answered(new Set(), 50, 120)).toMatchObject({ rosterChanged: false, unsure: false });
  media.unpublished('obs', 200);
  media.answered(new Set(), 230, 240);
  media.answered(new Set(['obs']), 150, 250);
  expect(media.graceIsOver(200 + GRACE)).toMatchObject({ rosterChanged: true });
});

test('an answer that is older than the last one says nothing', () => {
  const media = new RoomMedia('both');
  media.answered(new Set(['anna']), 100, 110);
  expect(media.answered(new Set(['obs']), 90, 120)).toMatchObject({ rosterChanged: false, corrected: 0 });
  expect(media.live).toEqual(['anna']);
});

test('whom an operator has removed is live again by a hint, or by an answer to a question after 3 s', () => {
  const media = new RoomMedia('both');
  media.answered(new Set(['obs']), 0, 0);
  expect(media.ended('obs', 100)).toMatchObject({ rosterChanged: true });
  media.answered(new Set(['obs']), 90, 110);
  media.answered(new Set(['obs']), 100 + GRACE - 1, 100 + GRACE);
  expect(media.live).toEqual([]);
  media.answered(new Set(['obs']), 100 + GRACE, 100 + GRACE);
  expect(media.live).toEqual(['obs']);
  media.ended('obs', 10_000);
  media.published('obs', 10_001);
  media.answered(new Set(['obs']), 10_002, 10_003);
  expect(media.live).toEqual(['obs']);
});

test('whom an operator has removed may come back when an answer has not had it', () => {
  const media = new RoomMedia('both');
  media.answered(new Set(['obs']), 0, 0);
  media.ended('obs', 100);
  media.answered(new Set(), 101, 102);
  media.answered(new Set(['obs']), 103, 104);
  expect(media.live).toEqual(['obs']);
});

test('a server that knows a room may forget it', () => {
  const media = new RoomMedia('live');
  expect(media.isForgettable).toBe(false);
  media.answered(new Set(), 0, 0);
  expect(media.isForgettable).toBe(true);
});

test('a change that changes no roster says so', () => {
  const media = new RoomMedia('live');
  const anna = { name: 'anna', encoded: encodeName('anna') };
  expect([...media.streams([anna], 0)]).toEqual([anna]);
  expect(media.published('anna', 1)).toMatchObject({ rosterChanged: false });
  expect(media.published('obs', 1)).toMatchObject({ rosterChanged: false });
  expect(media.answered(new Set(['anna', 'obs']), 2, 2)).toMatchObject({
    rosterChanged: false,
    corrected: 0,
  });
});

test('a room has a place for 5,000 streams, from hints and answers together', () => {
  const media = new RoomMedia('both');
  const many = Array.from({ length: MOST_STREAMS + 10 }, (_, index) => `stream ${index}`);
  media.answered(new Set(many), 0, 0);
  expect(media.live).toHaveLength(MOST_STREAMS);
  expect(media.published('one more', 1)).toBeUndefined();
  expect(media.published('stream 0', 1)).toBeDefined();
});
