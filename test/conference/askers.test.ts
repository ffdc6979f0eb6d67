/** Members that speak `conference.2` in a conference without sockets. */
import { singleNode } from '../../src/conference/backplane';
import type { RoomChanges } from '../../src/conference/changes';
import { Conference } from '../../src/conference/conference';
import type { Receiver } from '../../src/conference/delivery';
import { InFlight } from '../../src/conference/in-flight';
import { noMedia } from '../../src/conference/media';
import { ManualClock } from '../helpers/manual-clock';

/** Takes whatever there is, at once; it notes how often it was reminded. */
class TestAsker implements Receiver {
  told = 0;
  note: string | undefined;
  reminders = 0;
  readonly tells = true;
  readonly asker = this;
  readonly heard: string[] = [];
  readonly room = 'room';
  readonly streamName: string;
  #changes: RoomChanges | undefined;
  #seq: number | undefined;

  constructor(streamName: string) {
    this.streamName = streamName;
  }

  follow(changes: RoomChanges): void {
    this.#changes = changes;
  }

  remind(): void {
    this.reminders++;
    this.take();
  }

  hear(frame: Uint8Array): void {
    this.heard.push(Buffer.from(frame).toString());
  }

  take(): boolean {
    const news = this.#changes?.news(this.#seq, this.tells);
    if (news !== undefined) this.heard.push(Buffer.from(news).toString());
    this.#seq = this.#changes?.seq;
    return true;
  }
}

function story() {
  let isKnown = true;
  const clock = new ManualClock();
  const noted: (string | undefined)[] = [];
  const told = new Map<string, string | undefined>();
  const encode = jest.fn((json: string) => Buffer.from(json));
  const conference = new Conference<Receiver>({
    clock,
    backplane: {
      ...singleNode,
      knows: () => isKnown,
      /** They carry no notes. */
      streams: (_room, local) => Array.from(local, ({ name, encoded }) => ({ name, encoded })),
      notes: {
        start: () => {},
        tell: (_room, { name, note }) => {
          noted.push(note);
          told.set(name, note);
        },
        left: () => {},
        follow: () => {},
        unfollow: () => {},
        of: () => (name) => told.get(name),
        stop: () => {},
      },
    },
    media: noMedia,
    inFlight: new InFlight(),
    encode,
    onTold: () => {},
    onShared: () => {},
  });
  const join = (name: string, note?: string) => {
    const member = new TestAsker(name);
    member.note = note;
    conference.admit(member);
    return member;
  };
  const say = (member: TestAsker, note: string | undefined) => {
    member.note = note;
    conference.note(member);
  };
  const become = (known: boolean) => {
    isKnown = known;
  };
  return { clock, conference, noted, encode, join, say, become };
}

describe('a conference of members that speak conference.2', () => {
  test('tells other nodes what each says of itself, as it is', () => {
    const { join, say, noted } = story();
    const anna = join('anna', '{"a":1}');
    say(anna, '{"a":1}');
    say(anna, '{"a":2}');
    say(anna, undefined);
    expect(noted).toEqual(['{"a":1}', '{"a":2}', undefined]);
  });

  test('reminds all of them once, however much is said before it is their turn', () => {
    const { clock, conference, join, say } = story();
    const [anna, ben] = [join('anna'), join('ben')];
    conference.inTurn(() => clock.spend(100));
    for (let n = 0; n < 50; n++) say(anna, `{"n":${n}}`);
    expect(ben.reminders).toBe(0);
    clock.advance(1_000);
    expect(ben.reminders).toBe(1);
    expect(ben.heard.at(-1)).toBe('{"type":"changes","seq":3,"metadata":{"anna":{"n":49}}}');
  });

  test('makes no roster for a room in which nobody takes one', () => {
    const { join, encode } = story();
    join('anna');
    join('ben');
    expect(encode.mock.calls.filter(([json]) => json.startsWith('{"room"'))).toEqual([]);
  });

  test('hears nothing of a room before it is known what other nodes hold in it', () => {
    const { join, say, become } = story();
    become(false);
    const anna = join('anna');
    say(anna, '{"a":1}');
    expect(anna.heard).toEqual([]);
    become(true);
    join('ben');
    expect(anna.heard).toEqual([
      expect.stringContaining('"streams":["anna","ben"],"metadata":{"anna":{"a":1}}'),
    ]);
  });

  test('hears nothing of those who have left', () => {
    const { conference, join, say } = story();
    const [anna, ben] = [join('anna'), join('ben')];
    conference.depart(anna);
    const before = ben.heard.length;
    say(anna, '{"a":1}');
    expect(ben.heard).toHaveLength(before);
  });
});
