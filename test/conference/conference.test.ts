/** A node's conference on a backplane that a test plays. */
import type { Asker } from '../../src/conference/askers';
import { type Backplane, singleNode } from '../../src/conference/backplane';
import { Conference } from '../../src/conference/conference';
import { type Receiver, SMALL } from '../../src/conference/delivery';
import { InFlight } from '../../src/conference/in-flight';
import { noMedia } from '../../src/conference/media';
import { ManualClock } from '../helpers/manual-clock';

class Listener implements Receiver {
  told = 0;
  readonly asker?: Asker;
  readonly heard: string[] = [];
  readonly room: string;
  readonly streamName: string;

  constructor(room: string, streamName: string) {
    this.room = room;
    this.streamName = streamName;
  }

  take(roster: Uint8Array): boolean {
    this.heard.push(Buffer.from(roster).toString());
    return true;
  }
}

function story() {
  const clock = new ManualClock();
  const said: string[] = [];
  const unknown = new Set<string>();
  let changedElsewhere: (room: string) => void = () => {};
  const backplane: Backplane = {
    ...singleNode,
    start: async (roomChanged) => {
      changedElsewhere = roomChanged;
    },
    streamJoined: (room, { name }) => said.push(`${room}: ${name} joined`),
    streamLeft: (room, { name }) => said.push(`${room}: ${name} left`),
    knows: (room) => !unknown.has(room),
    elsewhere: () => 0,
    stop: async () => {
      said.push('stopped');
    },
  };
  let shared = 0;
  const conference = new Conference<Listener>({
    clock,
    backplane,
    media: noMedia,
    inFlight: new InFlight(),
    encode: (json) => Buffer.from(json),
    onTold: () => {},
    onShared: () => {
      shared++;
    },
  });
  const join = (room: string, name: string) => {
    const member = new Listener(room, name);
    conference.admit(member);
    return member;
  };
  return {
    clock,
    conference,
    said,
    unknown,
    join,
    shared: () => shared,
    changedElsewhere: (room: string) => changedElsewhere(room),
  };
}

const roster = (room: string, ...streams: string[]) => JSON.stringify({ room, streams });

describe('a conference', () => {
  test('tells the room, and the other nodes of a stream’s first member and its last', () => {
    const { conference, join, said } = story();
    const anna = join('room', 'anna');
    const again = join('room', 'anna');
    conference.depart(anna);
    expect(said).toEqual(['room: anna joined']);
    expect(again.heard).toEqual([roster('room', 'anna'), roster('room', 'anna')]);
    conference.depart(again);
    conference.depart(again);
    expect(said).toEqual(['room: anna joined', 'room: anna left']);
    expect(again.heard).toHaveLength(2);
  });

  test('counts its rooms and who is in them', () => {
    const { conference, join } = story();
    expect([conference.roomCount, conference.roomSize('room')]).toEqual([0, 0]);
    join('room', 'anna');
    join('room', 'anna');
    const ben = join('other', 'ben');
    expect([conference.roomCount, conference.roomSize('room'), conference.roomSize('other')]).toEqual([
      2, 2, 1,
    ]);
    expect([...conference.rooms.values()].map(({ name }) => name)).toEqual(['room', 'other']);
    conference.depart(ben);
    expect([conference.roomCount, conference.roomSize('other')]).toEqual([1, 0]);
    expect(conference.backplaneStatus).toEqual({
      ...{ state: 'alone', since: 0, why: undefined, nodes: [] },
      counts: { published: 0, received: 0, ignored: 0, lost: 0, repaired: 0 },
    });
  });

  test('tells nobody of a room until it is known what other nodes hold in it', async () => {
    const { conference, join, unknown, changedElsewhere } = story();
    await conference.start();
    unknown.add('room');
    const anna = join('room', 'anna');
    conference.catchUp(anna);
    expect(anna.heard).toEqual([]);
    unknown.delete('room');
    changedElsewhere('room');
    expect(anna.heard).toEqual([roster('room', 'anna')]);
    changedElsewhere('nobody is here');
    expect(anna.heard).toHaveLength(1);
  });

  test('gives a member that was behind the newest roster, unless it has left', () => {
    const { conference, join } = story();
    const anna = join('room', 'anna');
    conference.catchUp(anna);
    expect(anna.heard).toHaveLength(2);
    conference.depart(anna);
    conference.catchUp(anna);
    expect(anna.heard).toHaveLength(2);
  });

  test('counts the changes that share a roster with an earlier one', () => {
    const { join, conference, shared, clock } = story();
    for (let index = 0; index < SMALL; index++) join('room', `${index}`);
    expect(shared()).toBe(0);
    clock.spend(1_000);
    const slow = new Listener('room', 'slow');
    slow.take = () => {
      clock.spend(1_000);
      return true;
    };
    conference.admit(slow);
    const first = join('room', 'first');
    const last = join('room', 'last');
    expect(shared()).toBe(1);
    expect([first.heard, last.heard]).toEqual([[], []]);
    clock.advance(60_000);
    expect(last.heard).toHaveLength(1);
  });

  test('gives an observer of a large room a roster, though nobody else there takes one', () => {
    const { conference, clock } = story();
    for (let index = 0; index <= SMALL; index++) {
      const asker: Asker = { tells: false, follow: () => {}, remind: () => {}, hear: () => {} };
      conference.admit(Object.assign(new Listener('room', `${index}`), { asker }));
    }
    clock.advance(60_000);
    const observer = Object.assign(new Listener('room', ''), { observer: true as const });
    conference.admit(observer);
    expect(JSON.parse(observer.heard.join()).streams).toHaveLength(SMALL + 1);
  });

  test('sends a piece at once while nothing is owed', () => {
    const { conference } = story();
    const send = jest.fn();
    conference.inTurn(send);
    expect(send).toHaveBeenCalledTimes(1);
  });

  test('that has fallen silent tells nobody here, and the other nodes as ever', async () => {
    const { conference, join, said } = story();
    const anna = join('room', 'anna');
    conference.fallSilent();
    const ben = join('room', 'ben');
    expect([anna.heard.length, ben.heard]).toEqual([1, []]);
    conference.depart(ben);
    await conference.stop();
    expect(said).toEqual(['room: anna joined', 'room: ben joined', 'room: ben left', 'stopped']);
  });

  test('that stops falls silent', async () => {
    const { conference, join } = story();
    await conference.stop();
    expect(join('room', 'anna').heard).toEqual([]);
  });
});
