/** What a node says of its own list, over a connection that answers as the test says. */
import type { Connection } from '../../src/backplane/connection';
import { Keys } from '../../src/backplane/keys';
import { OwnList } from '../../src/backplane/own-list';
import { OwnStreams } from '../../src/backplane/own-streams';
import { APPEND, KEEP, STORE, TAKE_OUT } from '../../src/backplane/scripts';
import { defaultTiming } from '../../src/backplane/timing';
import { ManualClock } from './manual-clock';

const NAMES = new Map([
  [STORE, 'store'],
  [APPEND, 'append'],
  [KEEP, 'keep'],
  [TAKE_OUT, 'take out'],
]);
export const settled = () => new Promise(setImmediate);

/** A list, whose connection stores what it is told. */
export function newList() {
  const clock = new ManualClock();
  const streams = new OwnStreams();
  const seen = { versions: [] as number[], published: [] as number[], propagated: [] as number[] };
  const events: string[] = [];
  const asked: [string, ...string[]][] = [];
  const reply = {
    store: 1,
    keep: '0' as string | null,
    error: undefined as Error | undefined,
    answer: Promise.resolve(),
  };
  let version = 0;
  const list = new OwnList({
    owner: {
      ...{ self: 'self', clock, timing: defaultTiming, sizes: { deltaFrom: 2, leastJournal: 1_000 } },
      format: () => 3,
      nextVersion: () => ++version,
      mostThatCanBe: () => 1_000,
      versionSeen: (most) => {
        version = Math.max(version, most);
        seen.versions.push(most);
      },
      published: (_room, published) => seen.published.push(published),
      propagated: (milliseconds) => seen.propagated.push(milliseconds),
    },
    room: 'room',
    keys: new Keys('p').room('room'),
    streams,
    onEmptyStored: () => events.push('empty'),
    onRefused: ({ key }) => events.push(`refused ${key}`),
  });
  const newConnection = (): Connection => ({
    lost: new Promise(() => {}),
    destroy: ({ message }) => events.push(`destroyed: ${message}`),
    subscribe: async () => {},
    unsubscribe: async () => {},
    readHash: async () => ({}),
    run: async (script, keys, args) => {
      const what = NAMES.get(script) ?? '?';
      asked.push([what, ...args]);
      expect(keys).toEqual(['p:{r.room}:h']);
      await reply.answer;
      if (reply.error !== undefined) throw reply.error;
      return what === 'store' ? reply.store : what === 'keep' ? reply.keep : 1;
    },
    evictionPolicy: async () => undefined,
  });
  const connection = newConnection();
  const join = async (name: string) => {
    streams.set(name, 1);
    list.changed();
    await settled();
  };
  const what = () => asked.splice(0).map(([name]) => name);
  return { clock, list, streams, seen, events, asked, reply, connection, newConnection, join, what };
}

/** A list with one stream, that Redis has. */
export async function released() {
  const parts = newList();
  await parts.join('anna');
  parts.list.release(parts.connection);
  await settled();
  return parts;
}
