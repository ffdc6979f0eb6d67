/** What a conference tells other nodes and the media server's side, and what it takes from them. */
import { type Backplane, type Notes, singleNode } from '../../src/conference/backplane';
import type { RoomChanges } from '../../src/conference/changes';
import { Conference } from '../../src/conference/conference';
import type { Receiver } from '../../src/conference/delivery';
import { InFlight } from '../../src/conference/in-flight';
import type { Media } from '../../src/conference/media';
import { encodeName } from '../../src/conference/protocol';
import { ManualClock } from '../helpers/manual-clock';

interface TestMember extends Receiver {
  readonly heard: string[];
}

interface Joining {
  readonly room?: string;
  readonly observer?: true;
  readonly note?: string;
  readonly asks?: boolean;
}

function story({ hasNotes = false } = {}) {
  const said: string[] = [];
  const changed: string[] = [];
  /** Streams that other nodes hold, by room. */
  const elsewhere: Record<string, readonly string[]> = {};
  const unknown = new Set<string>();
  /** What other nodes, the media server or notes have changed. */
  const roomChanged: Record<string, (room: string) => void> = {};
  let listed: Iterable<{ readonly name: string }> = [];
  let changes: RoomChanges | undefined;
  const notes: Notes = {
    start: (roomNoted) => {
      roomChanged.notes = roomNoted;
    },
    tell: (room, { name, note }) => said.push(`${room}: ${name} says ${note}`),
    left: (room, stream) => said.push(`${room}: nothing of ${stream}`),
    follow: (room, streams) => {
      said.push(`${room}: follow`);
      listed = streams();
    },
    unfollow: (room) => said.push(`${room}: unfollow`),
    of: (room) => (stream) => (stream === 'far' ? `"${room}"` : undefined),
    stop: () => {},
  };
  const backplane: Backplane = {
    ...singleNode,
    start: async (listener) => {
      roomChanged.nodes = listener;
    },
    watch: (room) => said.push(`${room}: watch`),
    unwatch: (room) => said.push(`${room}: unwatch`),
    knows: (room) => !unknown.has(room),
    streams: (room, local) => [
      ...local,
      ...(elsewhere[room] ?? []).map((name) => ({ name, encoded: encodeName(name) })),
    ],
    elsewhere: (room, but) => (elsewhere[room] ?? []).filter((name) => name !== but).length,
    look: async () => {
      said.push('look');
    },
    standStill: () => said.push('still'),
    ...(hasNotes ? { notes } : {}),
  };
  const media: Media = {
    start: (listener) => {
      roomChanged.media = listener;
    },
    roomOpened: (room) => said.push(`${room}: open`),
    roomClosed: (room) => said.push(`${room}: closed`),
    streams: (_room, held) => [...held].filter(({ name }) => name !== 'dead'),
    stop: () => said.push('no media'),
  };
  const told: unknown[][] = [];
  const conference = new Conference<TestMember>({
    clock: new ManualClock(),
    backplane,
    media,
    inFlight: new InFlight(),
    encode: (json) => Buffer.from(json),
    onTold: (...figures) => told.push(figures),
    onShared: () => {},
    onChanged: (room) => changed.push(room),
  });
  const join = (streamName: string, { room = 'room', observer, note, asks = false }: Joining = {}) => {
    const heard: string[] = [];
    const hear = (frame: Uint8Array) => heard.push(Buffer.from(frame).toString());
    const asker = asks
      ? {
          tells: true,
          follow: (followed: RoomChanges, sent: (bytes: number) => void) => {
            changes = followed;
            sent(7);
          },
          remind: () => heard.push('remind'),
          hear,
        }
      : undefined;
    const member: TestMember = {
      ...{ room, streamName, observer, note, heard, told: 0 },
      ...(asker && { asker }),
      take: (roster) => {
        hear(roster);
        return true;
      },
    };
    conference.admit(member);
    return member;
  };
  return {
    ...{ conference, said, changed, elsewhere, unknown, join, told },
    change: (who: 'nodes' | 'media' | 'notes', room: string) => roomChanged[who]?.(room),
    followed: () => Array.from(listed, ({ name }) => name),
    /** The whole list, as those are told it who ask for metadata. */
    list: () => JSON.parse(Buffer.from(changes?.news(undefined, true) ?? []).toString()),
  };
}

const roster = (...streams: string[]) => JSON.stringify({ room: 'room', streams });

describe('an observer', () => {
  test('hears a room without being listed, and what other nodes hold in it is followed meanwhile', () => {
    const { conference, said, changed, join } = story();
    const observer = join('', { observer: true });
    expect(observer.heard).toEqual([roster()]);
    const second = join('', { observer: true });
    const anna = join('anna');
    expect([observer.heard, anna.heard]).toEqual([[roster(), roster('anna')], [roster('anna')]]);
    conference.depart(second);
    expect(observer.heard).toHaveLength(2);
    conference.depart(observer);
    expect([said, changed]).toEqual([['room: open', 'room: watch', 'room: unwatch'], ['room']]);
    conference.depart(anna);
    expect([said.slice(3), changed]).toEqual([['room: closed'], ['room', 'room']]);
  });

  test('that is the last to leave closes the room', () => {
    const { conference, said, join } = story();
    const anna = join('anna');
    const observer = join('', { observer: true });
    conference.depart(anna);
    expect(observer.heard.at(-1)).toBe(roster());
    conference.depart(observer);
    expect(said).toEqual(['room: open', 'room: watch', 'room: unwatch', 'room: closed']);
  });
});

describe('with other nodes', () => {
  test('a room has its sockets here, and the streams that only others hold, without the newcomer’s own', () => {
    const { conference, elsewhere, join } = story();
    elsewhere.room = ['far', 'off'];
    elsewhere.there = ['far'];
    join('anna');
    join('anna');
    join('ben', { room: 'other' });
    expect([conference.roomSize('room'), conference.roomSize('room', 'far'), conference.largestRoom]).toEqual(
      [4, 3, 4],
    );
    expect(['room', 'other', 'there', 'nowhere'].map((name) => conference.isElsewhere(name))).toEqual([
      ...[false, false, true, false],
    ]);
    expect(['room', 'there'].map((name) => conference.isHere(name))).toEqual([true, false]);
  });

  test('the largest room is none where nobody is', () => {
    expect(story().conference.largestRoom).toBe(0);
  });

  test('whom a room lists is known where somebody is in it and they are heard, or nobody is anywhere', () => {
    const { conference, elsewhere, unknown, join } = story();
    elsewhere.room = ['far', 'dead'];
    elsewhere.there = ['far'];
    join('anna');
    expect(['room', 'there', 'nowhere'].map((name) => conference.listed(name))).toEqual([
      ...[['anna', 'far'], undefined, []],
    ]);
    unknown.add('room');
    expect([conference.listed('room'), conference.isHere('room')]).toEqual([undefined, false]);
  });

  test.each(['nodes', 'media'] as const)('what changes by way of %s is told here', async (who) => {
    const { conference, elsewhere, changed, join, change } = story();
    await conference.start();
    const anna = join('anna');
    elsewhere.room = ['far'];
    change(who, 'room');
    change(who, 'nowhere');
    expect(anna.heard).toEqual([roster('anna'), roster('anna', 'far')]);
    expect(changed).toEqual(['room', 'room']);
  });

  test('a room of which nothing is known is not said to have changed', () => {
    const { unknown, changed, join } = story();
    unknown.add('room');
    join('anna');
    expect(changed).toEqual([]);
  });

  test('are looked for when somebody asks', async () => {
    const { conference, said } = story();
    await conference.lookForNodes();
    expect(said).toEqual(['look']);
  });

  test('what ends tells them so, the media first', async () => {
    const { conference, said } = story();
    await conference.stop();
    expect(said).toEqual(['still', 'no media']);
  });
});

describe('metadata', () => {
  test('is told to other nodes as it is said, with its stream', () => {
    const { conference, said, join } = story({ hasNotes: true });
    const anna = join('anna', { note: '1' });
    const again = join('anna');
    join('', { observer: true, note: '2' });
    conference.note(again);
    conference.depart(again);
    conference.depart(anna);
    expect(said).toEqual([
      ...['room: open', 'room: anna says 1', 'room: watch', 'room: anna says undefined'],
      'room: nothing of anna',
    ]);
  });

  test('of other nodes is followed while somebody asks for it, and those who ask are reminded', async () => {
    const { conference, said, elsewhere, unknown, join, change, followed, list } = story({ hasNotes: true });
    await conference.start();
    elsewhere.room = ['far', 'dead'];
    const anna = join('anna', { asks: true });
    expect([said.slice(1), followed()]).toEqual([['room: follow'], ['anna', 'far', 'dead']]);
    expect(list()).toMatchObject({ streams: ['anna', 'far'], metadata: { far: 'room' } });
    change('notes', 'room');
    change('notes', 'nowhere');
    unknown.add('room');
    change('notes', 'room');
    expect(anna.heard.filter((what) => what === 'remind')).toHaveLength(1);
    conference.depart(anna);
    expect(said.at(-1)).toBe('room: closed');
    expect(said).toContain('room: unfollow');
  });

  test('of a node that is alone is told to its own members', () => {
    const { conference, join, list } = story();
    const anna = join('anna', { note: '1' });
    const ben = join('ben', { asks: true });
    expect(list().metadata).toEqual({ anna: 1 });
    conference.note(Object.assign(anna, { note: '2' }));
    expect([ben.heard.at(-1), list().metadata]).toEqual(['remind', { anna: 2 }]);
    conference.depart(ben);
    conference.depart(anna);
    expect(conference.roomCount).toBe(0);
  });
});

test('a message is sent to those who speak conference.2, and to nobody in a room that is not there', () => {
  const { conference, join } = story();
  const [anna, plain] = [join('anna', { asks: true }), join('plain')];
  expect([conference.tell('room', '{"a":1}'), conference.tell('nowhere', '{}')]).toEqual([1, 0]);
  expect(anna.heard.at(-1)).toBe('{"type":"message","message":{"a":1}}');
  expect(plain.heard).toEqual([roster('anna', 'plain')]);
});

test('what members that speak conference.2 were sent is reported with the next roster', () => {
  const { join, told } = story();
  join('anna', { asks: true });
  join('plain');
  expect(told).toEqual([
    [0, 0, 0, { receivers: 1, bytes: 7 }],
    [1, roster('anna', 'plain').length, 0, undefined],
  ]);
});
