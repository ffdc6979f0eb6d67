/** Members that speak `conference.2`, without a conference: who is counted, who is sent what, and in whose turn. */
import { type Asker, Askers } from '../../src/conference/askers';
import type { RoomChanges } from '../../src/conference/changes';
import type { Receiver } from '../../src/conference/delivery';
import { type Member, type Room, Rooms } from '../../src/conference/rooms';

class TestAsker implements Asker {
  readonly tells: boolean;
  changes: RoomChanges | undefined;
  sent: (bytes: number) => void = () => {};
  reminders = 0;
  readonly heard: string[] = [];

  constructor(tells: boolean) {
    this.tells = tells;
  }

  follow(changes: RoomChanges, sent: (bytes: number) => void): void {
    this.changes = changes;
    this.sent = sent;
  }

  remind(): void {
    this.reminders++;
  }

  hear(frame: Uint8Array): void {
    this.heard.push(Buffer.from(frame).toString());
  }

  /** The whole list, as it would be told now. */
  get list(): object {
    return JSON.parse(Buffer.from(this.changes?.news(undefined, this.tells) ?? []).toString());
  }
}

interface Elsewhere {
  readonly notes?: Readonly<Record<string, string>>;
  /** Whom the roster lists though nobody here has a socket for it. */
  readonly listed?: readonly string[];
}

function story({ notes, listed = [] }: Elsewhere = {}) {
  const rooms = new Rooms<Receiver>();
  const said: string[] = [];
  /** What waits for its turn. */
  const turns: (() => void)[] = [];
  const streams = jest.fn((room: Room<Member>) =>
    [...room.streams.keys(), ...listed].map((name) => ({ name, encoded: JSON.stringify(name) })),
  );
  const encode = jest.fn((json: string) => Buffer.from(json));
  const askers = new Askers({
    encode,
    streams,
    inTurn: (task) => turns.push(task),
    notesOf: notes && (() => (name) => notes[name]),
    follow: ({ name }) => said.push(`follow ${name}`),
    unfollow: ({ name }) => said.push(`unfollow ${name}`),
  });
  const join = (streamName: string, asker?: TestAsker, note?: string, name = 'room') => {
    const member = { room: name, streamName, note, told: 0, take: () => true, ...(asker && { asker }) };
    const { room } = rooms.join(member);
    askers.admit(room, member);
    return { room, leave: () => askers.depart(room, member), member };
  };
  const takeTurns = () => {
    for (const turn of turns.splice(0)) turn();
  };
  return { askers, join, said, turns, takeTurns, streams, encode };
}

test('metadata is followed from the first who asks for it until the last of them has left', () => {
  const { join, said } = story();
  join('plain');
  join('deaf', new TestAsker(false));
  expect(said).toEqual([]);
  const first = join('anna', new TestAsker(true));
  const second = join('ben', new TestAsker(true));
  expect(said).toEqual(['follow room']);
  first.leave();
  first.leave();
  expect(said).toEqual(['follow room']);
  second.leave();
  expect(said).toEqual(['follow room', 'unfollow room']);
  join('carl', new TestAsker(true));
  expect(said).toEqual(['follow room', 'unfollow room', 'follow room']);
});

test('nothing of a room is compared once the last of them has left', () => {
  const { askers, join, streams } = story();
  const asker = new TestAsker(true);
  const { room, leave } = join('anna', asker);
  expect(asker.list).toMatchObject({ seq: 1, streams: ['anna'] });
  const plain = join('ben');
  askers.changed(room);
  expect(asker.list).toMatchObject({ seq: 2, streams: ['anna', 'ben'] });
  plain.leave();
  leave();
  streams.mockClear();
  askers.changed(room);
  askers.noted(room);
  expect(askers.tell(room, '{}')).toBe(0);
  const fresh = new TestAsker(false);
  join('carl', fresh);
  expect(fresh.changes).not.toBe(asker.changes);
});

test('they are all of a room where nobody takes plain rosters', () => {
  const { askers, join } = story();
  const { room } = join('anna', new TestAsker(false));
  expect(askers.areAllOf(room)).toBe(true);
  join('ben');
  expect(askers.areAllOf(room)).toBe(false);
  expect(askers.areAllOf(join('ben', undefined, undefined, 'other').room)).toBe(false);
});

test('who asks for metadata is reminded once, in turn, however often it changes, and again after that', () => {
  const { askers, join, turns, takeTurns } = story();
  const [asks, deaf] = [new TestAsker(true), new TestAsker(false)];
  const { room } = join('anna', asks);
  join('ben', deaf);
  askers.noted(room);
  askers.noted(room);
  expect([turns.length, asks.reminders]).toEqual([1, 0]);
  takeTurns();
  askers.noted(room);
  takeTurns();
  expect([asks.reminders, deaf.reminders]).toEqual([2, 0]);
});

test('a frame is made once and sent in slices of 250, to those who are there when it is told', () => {
  const { askers, join, turns, takeTurns, encode } = story();
  const all = Array.from({ length: 501 }, () => new TestAsker(false));
  const [room] = all.map((asker, index) => join(`${index}`, asker).room);
  if (room === undefined) throw new Error('nobody is there');
  expect(askers.tell(room, '{"type":"message"}')).toBe(501);
  const late = new TestAsker(false);
  join('late', late);
  expect([turns.length, encode.mock.calls]).toEqual([3, [['{"type":"message"}']]]);
  turns.shift()?.();
  expect(all.filter(({ heard }) => heard.length > 0)).toHaveLength(250);
  takeTurns();
  expect(all.every(({ heard }) => heard.join() === '{"type":"message"}')).toBe(true);
  expect(late.heard).toEqual([]);
  const { room: other } = join('plain', undefined, undefined, 'other');
  expect([askers.tell(other, '{}'), turns.length, encode.mock.calls.length]).toEqual([0, 0, 1]);
});

test('what they were sent is counted until it is asked for', () => {
  const { askers, join } = story();
  expect(askers.takeSent()).toBeUndefined();
  const asker = new TestAsker(false);
  join('anna', asker);
  asker.sent(100);
  asker.sent(11);
  expect(askers.takeSent()).toEqual({ receivers: 2, bytes: 111 });
  expect(askers.takeSent()).toBeUndefined();
  asker.sent(7);
  expect(askers.takeSent()).toEqual({ receivers: 1, bytes: 7 });
});

test('metadata is what a member of this node says; where there are other nodes, what they know together', () => {
  const alone = new TestAsker(true);
  const { join } = story();
  join('anna', alone, '{"a":1}');
  join('ben');
  expect(alone.list).toMatchObject({ streams: ['anna', 'ben'], metadata: { anna: { a: 1 } } });
  const shared = new TestAsker(true);
  story({ notes: { ben: '{"b":2}' } }).join('anna', shared, '{"a":1}');
  expect(shared.list).not.toHaveProperty('metadata');
  const both = new TestAsker(true);
  const others = story({ notes: { ben: '{"b":2}' } });
  others.join('ben', both);
  expect(both.list).toMatchObject({ metadata: { ben: { b: 2 } } });
  const publishers = new TestAsker(true);
  story({ listed: ['far'] }).join('anna', publishers, '{"a":1}');
  expect(publishers.list).toMatchObject({ streams: ['anna', 'far'], metadata: { anna: { a: 1 } } });
});
